import ArgumentParser
import Client
import Model
import Stubs

extension ProductCommand {
  /// `ndx product publish`.
  struct Publish: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Publish the content of a folder as the next revision (provider).",
      discussion: """
        Size, rows and SHA-256 of every file are computed here; the files themselves stay where \
        they are, for the provider's connector to serve. Columns are read from the heading of the \
        first CSV file unless --columns gives them.
        """)
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "The product.") var id: ProductID
    @Option(help: "The folder with the files.") var folder: String
    @Option(help: "Where the connector serves it, HOST:PORT.") var connector: String
    @Option(help: "The columns as JSON (list of ndx.catalog.v1.Column).") var columns: String?

    func run() async throws {
      let files = try FolderContent.files(in: folder)
      guard !files.isEmpty else {
        throw UsageError(
          text: Text(vi: "Thư mục \(folder) không có tệp nào.", en: "\(folder) holds no files."))
      }
      let columns = try readColumns(files)
      try await session.show { exchange in
        try await exchange.products.publishRevision(
          .init(
            requestID: request.id, productID: id, files: files, columns: columns,
            connectorAddress: connector)
        ).revision
      }
    }

    private func readColumns(_ files: [CatalogV1.ContentFile]) throws -> [CatalogV1.Column] {
      if let columns { return try InputFile.decode([CatalogV1.Column].self, columns) }
      guard let table = files.first(where: { $0.mediaType == "text/csv" }) else { return [] }
      return try FolderContent.columns(ofCSV: "\(folder)/\(table.path)")
    }
  }
}

extension CatalogV1.Revision: Presentable {
  static var headings: [String] { ["id", "number", "files", "rows", "size", "manifest"] }

  func cells(_ language: Language) -> [String] {
    [
      id.description, "\(number)", "\(files.count)", "\(rows)", Layout.size(sizeBytes),
      manifestSHA256?.hex ?? "",
    ]
  }

  func rows(_ language: Language) -> [(String, String)] {
    let names = files.map { "\($0.path) (\(Layout.size($0.sizeBytes)), \($0.rows) rows)" }
    return [
      ("revision", id.description), ("product", productID.description), ("number", "\(number)"),
      ("files", names.joined(separator: "\n")), ("rows", "\(rows)"),
      ("columns", columns.map(\.name).joined(separator: ", ")),
      ("connector", connectorAddress), ("manifest", manifestSHA256?.hex ?? ""),
    ]
  }
}
