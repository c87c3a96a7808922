import ArgumentParser
import Client
import Model
import RPC
import Stubs
import TransparencyLog

/// Which entries a command is about.
struct EntryOptions: ParsableArguments {
  @Option(help: "Only those about this subject, such as order/ID.") var subject = ""
  @Option(help: "Only those that this actor caused, such as participant/ID.") var actor = ""
  @Option(help: "Only of this kind, such as order.placed.") var kind = ""
  @Option(help: "Only with this outcome: accepted or refused.") var outcome: Named<AuditV1.Outcome>?
}

extension AuditCommand {
  /// `ndx audit list`.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List entries, oldest first: those the profile may know of.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var page: PageOptions
    @OptionGroup var entries: EntryOptions
    @Option(help: "From this time on (RFC 3339).") var since: Timestamp?
    @Option(help: "Before this time (RFC 3339).") var until: Timestamp?

    func run() async throws {
      let answer = try await session.connected { exchange in
        try await exchange.log.listEntries(
          .init(
            pageSize: page.pageSize, pageToken: page.pageToken, subject: entries.subject,
            actor: entries.actor, kind: entries.kind, startTime: since, endTime: until,
            outcome: entries.outcome?.value ?? .unspecified))
      }
      try session.display.show(answer.entries, of: answer, nextPageToken: answer.nextPageToken)
    }
  }

  /// `ndx audit watch`.
  struct Watch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print each entry as soon as a checkpoint covers it.",
      discussion: """
        One line for each: index, time, producer, kind, outcome, actor. --after goes on behind an \
        index and misses nothing. With --output json each line is an Entry. It goes on until \
        Ctrl-C or --count.
        """)
    @OptionGroup var session: SessionOptions
    @OptionGroup var entries: EntryOptions
    @Option(help: "The index of the last entry seen, -1 for all; entries from now on by default.")
    var after: Int64?
    @Option(help: "Stop after this many entries.") var count: Int?

    func validate() throws {
      guard count ?? 1 > 0 else { throw ValidationError("--count must be above 0.") }
      guard (-1..<Int64.max).contains(after ?? 0) else {
        throw ValidationError("--after must be -1 or an index.")
      }
    }

    func run() async throws {
      let display = session.display
      try await session.connected { exchange in
        var left = count ?? .max
        let answers = exchange.log.watchEntries(
          .init(
            afterCursor: after.map { $0 &+ 1 } ?? 0, fromNow: after == nil,
            subject: entries.subject, actor: entries.actor, kind: entries.kind,
            outcome: entries.outcome?.value ?? .unspecified))
        for try await answer in answers {
          for entry in answer.entries.prefix(left) {
            switch display.output {
            case .json: Console.write(try ProtoJSON.text(of: entry, pretty: false))
            case .text:
              Console.write(
                entry.cells(display.effectiveLanguage).filter { !$0.isEmpty }
                  .joined(separator: "  "))
            }
          }
          left -= min(left, answer.entries.count)
          if left == 0 { return }
        }
      }
    }
  }

  /// `ndx audit verify-log`.
  struct VerifyLog: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "verify-log",
      abstract: "Have the service check all that it stores, and print what does not fit.",
      discussion: """
        For auditors and security officers. Exit code 4 when anything does not fit. It is the \
        service's own word; `ndx audit verify` needs nobody's.
        """)
    @OptionGroup var session: SessionOptions

    func run() async throws {
      let language = session.display.effectiveLanguage
      let report = try await session.connected { exchange in
        var report = AuditV1.VerifyLogResponse()
        for try await answer in exchange.log.verifyLog(.init()) {
          let faults = report.faults + answer.faults
          report = answer
          report.faults = faults
          guard Console.isErrorTerminal else { continue }
          Console.redraw("\(answer.checkedEntries) / \(answer.totalEntries)")
        }
        if Console.isErrorTerminal { Console.note("") }
        return report
      }
      try session.display.show(report.faults, of: report)
      guard report.isFinished, report.faultCount == 0 else {
        throw ExchangeError(
          "LOG_ALTERED",
          Text(
            vi: "Nhật ký có \(report.faultCount) chỗ không khớp.",
            en: "The log has \(report.faultCount) faults.")[language], status: .notVerified)
      }
      Console.note(
        Text(
          vi: "Đã kiểm tra \(report.checkedEntries) mục: không có gì sai.",
          en: "\(report.checkedEntries) entries checked: nothing is wrong.")[language])
    }
  }
}

extension AuditV1.LogFault: Presentable {
  static var headings: [String] { ["part", "key", "fault"] }
  func cells(_ language: Language) -> [String] { [part.argumentName, key, message] }
  func rows(_ language: Language) -> [(String, String)] {
    Array(zip(Self.headings, cells(language)))
  }
}
