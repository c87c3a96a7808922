import Crypto
package import Model

/// One immutable state of the content of a product.
package struct Revision: Sendable, Hashable {
  package let id: RevisionID
  package let productID: ProductID
  /// Its number within the product, from 1.
  package let number: Int32
  /// In canonical order of their paths.
  package let files: [CatalogV1.ContentFile]
  package let columns: [CatalogV1.Column]
  package let connectorAddress: String
  package let manifestSHA256: Digest
  package let sizeBytes: Int64
  package let rows: Int64
  package let createTime: Timestamp

  package init(
    id: RevisionID, productID: ProductID, number: Int32, files: [CatalogV1.ContentFile],
    columns: [CatalogV1.Column], connectorAddress: String, manifestSHA256: Digest,
    sizeBytes: Int64, rows: Int64, createTime: Timestamp
  ) {
    self.id = id
    self.productID = productID
    self.number = number
    self.files = files
    self.columns = columns
    self.connectorAddress = connectorAddress
    self.manifestSHA256 = manifestSHA256
    self.sizeBytes = sizeBytes
    self.rows = rows
    self.createTime = createTime
  }

  /// The revision after `previous`. Throws `InvalidArgument` for paths that repeat, that lie below
  /// another file or hold control characters, for columns that repeat, and for totals past 64 bits.
  package static func publish(
    _ request: CatalogV1.PublishRevisionRequest, of product: Product, after previous: Int32,
    at now: Timestamp
  ) throws -> Revision {
    guard product.state.after(.publishRevision) != nil else {
      throw CatalogError.productStateForbids(product.state, .publishRevision)
    }
    let files = request.files.sorted {
      $0.path.utf8.lexicographicallyPrecedes($1.path.utf8)
    }
    try requireDistinct(request.files)
    let columns = request.columns.map(composed)
    try requireDistinct(columns)
    let size = try total("size_bytes", files.map(\.sizeBytes))
    let rows = try total("rows", files.map(\.rows))
    return Revision(
      id: .make(at: now), productID: product.id, number: previous + 1, files: files,
      columns: columns, connectorAddress: request.connectorAddress,
      manifestSHA256: ContentManifest(files.map(ContentManifest.File.init)).sha256,
      sizeBytes: size, rows: rows, createTime: now)
  }

  private static func requireDistinct(_ files: [CatalogV1.ContentFile]) throws {
    let paths = Set(files.map(\.path))
    var seen: Set<String> = []
    for (index, file) in files.enumerated() {
      let field = "files[\(index)].path"
      if file.path.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
        throw InvalidArgument(
          field: field, rule: "string.format",
          text: Text(vi: "không được có ký tự điều khiển", en: "must not hold control characters"))
      }
      guard seen.insert(file.path).inserted else {
        throw InvalidArgument(
          field: field, rule: "unique",
          text: Text(vi: "bị lặp lại", en: "is there twice"))
      }
      for end in file.path.indices where file.path[end] == "/" {
        guard !paths.contains(String(file.path[..<end])) else {
          throw InvalidArgument(
            field: field, rule: "unique",
            text: Text(vi: "nằm dưới một tệp khác", en: "lies below another file"))
        }
      }
    }
  }

  private static func composed(_ column: CatalogV1.Column) -> CatalogV1.Column {
    CatalogV1.Column(
      name: SearchText.composed(column.name), dataType: column.dataType,
      meaning: column.meaning.map {
        TypeV1.LocalizedText(vi: SearchText.composed($0.vi), en: SearchText.composed($0.en))
      })
  }

  private static func requireDistinct(_ columns: [CatalogV1.Column]) throws {
    var seen: Set<String> = []
    for (index, column) in columns.enumerated() where !seen.insert(column.name).inserted {
      throw InvalidArgument(
        field: "columns[\(index)].name", rule: "unique",
        text: Text(vi: "bị lặp lại", en: "is there twice"))
    }
  }

  private static func total(_ name: String, _ parts: [Int64]) throws -> Int64 {
    var sum: Int64 = 0
    for (index, part) in parts.enumerated() {
      let (next, overflow) = sum.addingReportingOverflow(part)
      guard part >= 0, !overflow else {
        throw InvalidArgument(
          field: "files[\(index)].\(name)", rule: "integer.lte",
          text: Text(vi: "tổng quá lớn", en: "the total is too large"))
      }
      sum = next
    }
    return sum
  }
}

extension ContentManifest.File {
  package init(_ file: CatalogV1.ContentFile) {
    self.init(path: file.path, sizeBytes: file.sizeBytes, sha256: file.sha256)
  }
}
