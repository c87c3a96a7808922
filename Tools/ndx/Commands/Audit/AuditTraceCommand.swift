import ArgumentParser
import Client
import Model
import Stubs
import TransparencyLog

extension AuditCommand {
  /// `ndx audit trace`.
  struct Trace: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the story of one subject across services, every step proven.",
      discussion: """
        As text, the whole story as a timeline: when, how long after the step before, which service with which \
        number in its sequence, what, how it came out, who, and the trace id of the call that caused it. With \
        --output json one page, with the proofs. Each proof is checked here, against the key of the log that \
        this profile has pinned.
        """)
    @OptionGroup var session: SessionOptions
    @OptionGroup var page: PageOptions
    @Argument(help: "The subject: order/ID, product/ID, participant/ID …") var subject: String

    func run() async throws {
      let display = session.display
      var steps: [AuditV1.Entry] = []
      try await session.connected { exchange in
        let key = try await LogVerification.pinnedKey(of: exchange)
        var token = page.pageToken
        repeat {
          let answer = try await exchange.log.traceSubject(
            .init(pageSize: page.pageSize, pageToken: token, subject: subject))
          let checkpoint = try LogVerification.verify(answer, with: key)
          let (count, size) = (answer.steps.count, checkpoint.size)
          Console.note(
            Text(
              vi: "Đã chứng minh \(count) bước trong nhật ký cỡ \(size)",
              en: "\(count) steps proven against the log of size \(size)")[
                display.effectiveLanguage])
          if display.output == .json { return try display.show([Step](), of: answer) }
          steps += answer.steps.map(\.entry)
          token = answer.nextPageToken
        } while !token.isEmpty
      }
      guard display.output == .text else { return }
      let language = display.effectiveLanguage
      let rows = steps.indices.map { index in
        Step(entry: steps[index], previous: index > 0 ? steps[index - 1].time : nil)
          .cells(language)
      }
      Console.write(Layout.table(Step.headings(language), rows))
    }
  }

  /// One line of a timeline.
  struct Step: Presentable {
    let entry: AuditV1.Entry
    var previous: Timestamp?

    static var headings: [String] { headings(.en) }

    static func headings(_ language: Language) -> [String] {
      switch language {
      case .vi: ["thời điểm", "sau", "dịch vụ", "việc", "kết quả", "ai", "mục", "vết"]
      case .en: ["time", "after", "service", "what", "outcome", "who", "entry", "trace"]
      }
    }

    func encode(to encoder: any Encoder) throws { try entry.encode(to: encoder) }

    func cells(_ language: Language) -> [String] {
      let isAccepted = entry.outcome == .accepted
      let outcome = Text(
        vi: isAccepted ? "chấp nhận" : "từ chối", en: isAccepted ? "accepted" : "refused")
      return [
        entry.time?.description ?? "", delay, "\(entry.producer) #\(entry.producerSequence)",
        entry.kind, outcome[language], entry.actor, "\(entry.index)", traceID,
      ]
    }

    func rows(_ language: Language) -> [(String, String)] {
      Array(zip(Self.headings(language), cells(language)))
    }

    /// Services' clocks differ: a step may seem to come before the one that it follows in the log.
    private var delay: String {
      guard let previous, let time = entry.time else { return "" }
      let milliseconds = (time.microseconds - previous.microseconds) / 1_000
      return milliseconds < 10_000 ? "\(milliseconds) ms" : "\(milliseconds / 1_000) s"
    }

    /// The second part of a W3C traceparent.
    private var traceID: String {
      let parts = entry.traceparent.split(separator: "-")
      return parts.count == 4 ? String(parts[1]) : ""
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
  private var isQuorumMet: Bool
  private var witnesses: [AuditV1.WitnessState]

  init(_ checkpoint: Checkpoint, _ key: VerifierKey, _ answer: AuditV1.GetCheckpointResponse) {
    origin = checkpoint.origin
    size = checkpoint.size
    root = checkpoint.root.hex
    verifierKey = "\(key)"
    note = answer.checkpoint
    isQuorumMet = answer.isQuorumMet
    witnesses = answer.witnesses
  }

  static var headings: [String] { ["log", "size", "root"] }

  func cells(_ language: Language) -> [String] { [origin, "\(size)", root] }

  func rows(_ language: Language) -> [(String, String)] {
    let log = [("log", origin), ("size", "\(size)"), ("root", root), ("key", verifierKey)]
    guard !witnesses.isEmpty else { return log }
    let states = witnesses.map { witness in
      let word = witness.cosignTime.map { "\(witness.size) (\($0))" } ?? ""
      return ("witness \(witness.name)", word)
    }
    return log + states + [("quorum", "\(isQuorumMet)")]
  }
}
