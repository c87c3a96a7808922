import ArgumentParser
import Client
import Crypto
import Foundation
import Model
import RPC
import Stubs

extension ClearingCommand {
  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Write the payments that were not sent yet into a file for a bank (clearing officer).",
      discussion: """
        When all were sent, the last file comes again, byte for byte. pain-001 has pay-outs only. A \
        file that is there is not overwritten; the new one is for its owner's eyes (0600).
        """)
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "The window.") var id: WindowID
    @Argument(help: "The file to write.") var file: String
    @Option(help: "Kind of file.") var format: Named<SettlementV1.PaymentFormat>
    @Option(help: "Which payments.") var direction: Named<SettlementV1.LegDirection>

    func run() async throws {
      guard !FileManager.default.fileExists(atPath: file) else {
        throw UsageError(
          text: Text(vi: "Đã có tệp \(file).", en: "There is a file \(file) already."))
      }
      let answer = try await session.connected { exchange in
        try await exchange.settlement.call {
          try await ClearingServiceClient($0).exportPayments(
            .init(
              requestID: request.id, windowID: id, format: format.value,
              direction: direction.value))
        }
      }
      guard Digest.sha256(of: answer.content) == answer.contentSHA256 else {
        throw ExchangeError(
          "DIGEST_MISMATCH", "the file is not what its digest says", status: .notVerified)
      }
      try KeyFile.write(answer.content, to: file)
      try session.display.show(WrittenPayments(answer, file))
    }
  }

  struct Import: AsyncParsableCommand {
    /// Most bytes of a report; `ImportStatementRequest.content` has the same limit.
    private static let reportLimit = 2_097_152

    static let configuration = CommandConfiguration(
      abstract: "Read a bank's report: pain.002, camt.053 or camt.054 (clearing officer).",
      discussion: """
        Lines are matched by EndToEndId; `ndx clearing lines --unmatched` lists those that fit no \
        payment. Reading a report again changes nothing.
        """)
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "The report, 2 MiB at most; - is standard input.") var file: String
    @Option(help: "Which environment's bank account it is about.")
    var environment: Named<TypeV1.Environment>
    @Option(help: "Which instance's bank account it is about, where there are several.")
    var partition: String?

    func run() async throws {
      let report = SettlementV1.ImportStatementRequest(
        requestID: request.id, environment: environment.value,
        content: try InputFile.bytes(file, limit: Self.reportLimit))
      try await session.show { exchange in
        let instance = try await exchange.settlement.instance(named: partition)
        return try await ClearingServiceClient(instance).importStatement(report)
      }
    }
  }

  struct Lines: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the lines of banks' reports, oldest first (clearing officer, auditor).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var page: PageOptions
    @Flag(help: "Only lines that fit no payment.") var unmatched = false
    @Option(help: "Only those of this environment.") var environment: Named<TypeV1.Environment>?

    func run() async throws {
      let answer = try await session.connected { exchange in
        try await exchange.settlement.list(pageSize: page.pageSize, pageToken: page.pageToken) {
          instance, size, token in
          let answer = try await ClearingServiceClient(instance).listStatementLines(
            .init(
              pageSize: size, pageToken: token, unmatchedOnly: unmatched,
              environment: environment?.value ?? .unspecified))
          return (answer.lines, answer.nextPageToken)
        }
      }
      try session.display.show(
        answer.0,
        of: SettlementV1.ListStatementLinesResponse(lines: answer.0, nextPageToken: answer.1),
        nextPageToken: answer.1)
    }
  }
}

/// A file of payments that was written.
private struct WrittenPayments: Presentable {
  var file: String
  var messageID: String
  var payments: Int32
  var sha256: String

  init(_ answer: SettlementV1.ExportPaymentsResponse, _ file: String) {
    self.file = file
    messageID = answer.messageID
    payments = answer.payments
    sha256 = answer.contentSHA256?.hex ?? ""
  }

  static var headings: [String] { ["file", "message", "payments", "sha256"] }

  func cells(_ language: Language) -> [String] { [file, messageID, "\(payments)", sha256] }

  func rows(_ language: Language) -> [(String, String)] {
    Array(zip(Self.headings, cells(language)))
  }
}

extension SettlementV1.ImportStatementResponse: Presentable {
  static var headings: [String] {
    ["report", "kind", "matched", "rejected", "unmatched", "skipped"]
  }

  func cells(_ language: Language) -> [String] {
    [statementID, format, "\(matched)", "\(rejected)", "\(unmatched)", "\(skipped)"]
  }

  func rows(_ language: Language) -> [(String, String)] {
    let changed = windows.map { "\($0.id) \($0.state.argumentName)" }
    return Array(zip(Self.headings, cells(language)))
      + [
        ("known", known ? "every line was read before" : ""),
        ("windows", changed.joined(separator: "\n")),
      ]
  }
}

extension SettlementV1.StatementLine: Presentable {
  static var headings: [String] {
    ["report", "kind", "reference", "end-to-end id", "payment", "amount", "outcome", "reason"]
  }

  func cells(_ language: Language) -> [String] {
    let money = Currency(currencyCode).map { Layout.amount(amount, $0) } ?? ""
    return [
      statementID, format, entryReference, endToEndID, direction.argumentName, money,
      outcome.argumentName, reason.argumentName,
    ]
  }

  func rows(_ language: Language) -> [(String, String)] {
    Array(zip(Self.headings, cells(language))) + [
      ("bank's words", bankStatus), ("window", windowID?.description ?? ""),
      ("imported", importTime?.description ?? ""),
    ]
  }
}
