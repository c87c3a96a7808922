import ArgumentParser
import Client
import Model

/// `ndx fetch`.
struct FetchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch",
    abstract: "Fetch what an order paid for, verify it and sign the delivery receipt.",
    discussion: """
      Run again after an interruption it resumes: whole files are not fetched again, a file begun \
      goes on where it was. Every file is checked against the manifest that was ordered; one that \
      differs is dropped and the exit code is 4. The receipt, signed by both ends, is saved to \
      .ndx/receipt.json within the folder; an order delivered before has its receipt already.

      EXAMPLES
        ndx fetch ORDER --to data --profile company
      """)

  @OptionGroup var session: SessionOptions
  @Argument(help: "The order.") var order: OrderID
  @Option(name: .customLong("to"), help: "Folder to fetch into.") var folder: String

  func run() async throws {
    try await session.show { exchange in
      var bar = ProgressBar(isShown: Console.isErrorTerminal)
      defer { bar.end() }
      let result = try await Delivery(of: order, to: folder, over: exchange).run { bar.show($0) }
      return FetchReport(result, folder: folder)
    }
  }
}

/// What a fetch did.
struct FetchReport: Presentable {
  private var orderID: OrderID
  private var revisionID: RevisionID
  private var folder: String
  private var files: Int
  private var sizeBytes: Int64
  private var transferredBytes: Int64
  /// SHA-256 of the manifest, in hexadecimal.
  private var manifestSHA256: String
  private var receipt: String?

  init(_ result: DeliveryResult, folder: String) {
    orderID = result.order.id
    revisionID = result.revision.id
    self.folder = folder
    files = result.revision.files.count
    sizeBytes = result.revision.manifest.sizeBytes
    transferredBytes = result.transferredBytes
    manifestSHA256 = result.manifestDigest.hex
    receipt = result.receiptPath
  }

  static var headings: [String] { ["order", "files", "size", "manifest"] }

  func cells(_ language: Language) -> [String] {
    [orderID.description, "\(files)", Layout.size(sizeBytes), manifestSHA256]
  }

  func rows(_ language: Language) -> [(String, String)] {
    [
      ("order", orderID.description), ("revision", revisionID.description), ("folder", folder),
      ("files", "\(files)"), ("size", Layout.size(sizeBytes)),
      ("transferred", Layout.size(transferredBytes)), ("manifest", manifestSHA256),
      ("verified", receipt == nil ? "every file" : "every file and both signatures"),
      ("receipt", receipt ?? ""),
    ]
  }
}

/// A line on the terminal that grows with what has been received.
struct ProgressBar {
  /// False where standard error is not a terminal.
  let isShown: Bool
  private var lastPercent: Int64 = -1

  init(isShown: Bool) {
    self.isShown = isShown
  }

  mutating func show(_ progress: DeliveryProgress) {
    guard isShown else { return }
    let percent =
      progress.totalBytes == 0 ? 100 : progress.receivedBytes * 100 / progress.totalBytes
    guard percent != lastPercent else { return }
    lastPercent = percent
    let counts = " \(percent)% \(Layout.size(progress.receivedBytes)) \(progress.path)"
    let width = min(40, max(10, Console.columns - counts.count - 3))
    let filled = Int(percent) * width / 100
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    Console.redraw(bar + counts)
  }

  func end() {
    if isShown, lastPercent >= 0 { Console.note("\n") }
  }
}
