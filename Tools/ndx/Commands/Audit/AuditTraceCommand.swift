import ArgumentParser
import Client
import Model
import Stubs
import TransparencyLog

extension AuditCommand {
  /// `ndx audit trace`.
  struct Trace: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the story of one subject across services, every step proven.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var page: PageOptions
    @Argument(help: "The subject: order/ID, product/ID, participant/ID …") var subject: String

    func run() async throws {
      let answer = try await session.connected { exchange in
        let key = try await LogVerification.pinnedKey(of: exchange)
        let answer = try await exchange.log.traceSubject(
          .init(pageSize: page.pageSize, pageToken: page.pageToken, subject: subject))
        let checkpoint = try LogVerification.verify(answer, with: key)
        Console.note(
          "\(answer.steps.count) steps proven against the log of size \(checkpoint.size)")
        return answer
      }
      try session.display.show(
        answer.steps.map(\.entry), of: answer, nextPageToken: answer.nextPageToken)
    }
  }
}

extension AuditV1.Entry: Presentable {
  static var headings: [String] { ["index", "time", "producer", "kind", "outcome", "actor"] }

  func cells(_ language: Language) -> [String] {
    [
      "\(index)", time?.description ?? "", producer, kind, outcome.argumentName, actor,
    ]
  }

  func rows(_ language: Language) -> [(String, String)] {
    Array(zip(Self.headings, cells(language))) + [
      ("subjects", subjects.joined(separator: "\n")),
      ("payload", String(decoding: payload, as: UTF8.self)),
    ]
  }
}

/// What a receipt proves.
struct ReceiptReport: Presentable {
  private var verified = true
  private var index: Int
  private var kind: String
  private var outcome: String
  private var producer: String
  private var producerSequence: Int64
  private var eventID: EventID
  private var time: Timestamp
  private var leafHash: String
  private var log: String
  private var size: Int
  private var root: String

  init(_ receipt: Receipt.Verified) {
    index = receipt.index
    kind = receipt.entry.kind
    outcome = receipt.entry.isAccepted ? "accepted" : "refused"
    producer = receipt.entry.producer
    producerSequence = receipt.entry.producerSequence
    eventID = receipt.entry.eventID
    time = receipt.entry.time
    leafHash = receipt.leafHash.hex
    log = receipt.checkpoint.origin
    size = receipt.checkpoint.size
    root = receipt.checkpoint.root.hex
  }

  static var headings: [String] { ["index", "kind", "outcome", "log", "size"] }

  func cells(_ language: Language) -> [String] { ["\(index)", kind, outcome, log, "\(size)"] }

  func rows(_ language: Language) -> [(String, String)] {
    [
      ("verified", "signature, inclusion and form"), ("index", "\(index)"), ("kind", kind),
      ("outcome", outcome), ("producer", "\(producer) #\(producerSequence)"),
      ("event", eventID.description), ("time", time.description), ("leaf", leafHash),
      ("log", log), ("size", "\(size)"), ("root", root),
    ]
  }
}

/// A checkpoint whose signature holds.
struct CheckpointReport: Presentable {
  private var origin: String
  private var size: Int
  private var root: String
  private var verifierKey: String
  private var note: String

  init(_ checkpoint: Checkpoint, _ key: VerifierKey, _ note: String) {
    origin = checkpoint.origin
    size = checkpoint.size
    root = checkpoint.root.hex
    verifierKey = "\(key)"
    self.note = note
  }

  static var headings: [String] { ["log", "size", "root"] }

  func cells(_ language: Language) -> [String] { [origin, "\(size)", root] }

  func rows(_ language: Language) -> [(String, String)] {
    [("log", origin), ("size", "\(size)"), ("root", root), ("key", verifierKey)]
  }
}
