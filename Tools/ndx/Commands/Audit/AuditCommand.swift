import ArgumentParser
import Client
import Model
import Stubs
import TransparencyLog

/// `ndx audit`.
struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Read the log of everything that happened, and check it.",
    discussion: """
      EXAMPLES
        ndx audit trace order/ORDER --profile company
        ndx audit get --subject order/ORDER --kind order.delivered \\
          --save receipt.json --profile company
        ndx audit checkpoint --save-key log.vkey --profile company
        ndx audit verify receipt.json --key log.vkey
        ndx audit monitor https://log.example --key log.vkey
      """,
    subcommands: [
      List.self, Get.self, Watch.self, Trace.self, ShowCheckpoint.self, Verify.self,
      Monitor.self, VerifyLog.self, Erase.self, Erasures.self,
    ])

  struct Get: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print one entry, or save a receipt of it that verifies offline.")
    @OptionGroup var session: SessionOptions
    @Option(help: "The entry by its index.") var index: Int64?
    @Option(help: "The entry by its event.") var event: EventID?
    @Option(help: "The newest entry about this subject, such as order/ID.") var subject: String?
    @Option(help: "Of this kind, with --subject.") var kind = ""
    @Option(help: "Save a receipt to this file.") var save: String?

    func validate() throws {
      guard [index != nil, event != nil, subject != nil].filter(\.self).count == 1 else {
        throw ValidationError("Give one of --index, --event and --subject.")
      }
    }

    func run() async throws {
      try await session.show { exchange in
        let key = try await LogVerification.pinnedKey(of: exchange)
        let response = try await exchange.log.getReceipt(.init(target: try await target(exchange)))
        let file = ReceiptFile(response)
        let verified = try file.verify(with: key)
        if let save {
          try file.save(save)
          Console.note("receipt: \(save)")
        }
        return ReceiptReport(verified)
      }
    }

    private func target(_ exchange: ExchangeConnection) async throws
      -> AuditV1.GetReceiptRequest.Target
    {
      if let index { return .index(index) }
      if let event { return .eventID(event) }
      var newest: AuditV1.Entry?
      var token = ""
      repeat {
        let page = try await exchange.log.listEntries(
          .init(pageToken: token, subject: subject ?? "", kind: kind))
        newest = page.entries.last ?? newest
        token = page.nextPageToken
      } while !token.isEmpty
      guard let newest else {
        throw ExchangeError("ENTRY_NOT_FOUND", "the log has no such entry", status: .refused)
      }
      return .index(newest.index)
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check a receipt offline, with the log's key and no server's word.")
    @OptionGroup var display: OutputOptions
    @Argument(help: "What `ndx audit get --save` wrote; - is standard input.") var receipt: String
    @Option(help: "The log's verifier key, or a file that holds it.") var key: String
    @Option(help: "Also ask for the witnesses that this policy demands (c2sp.org/tlog-policy).")
    var witnessPolicy: String?

    func run() throws {
      let file = try InputFile.decode(ReceiptFile.self, receipt)
      let verified = try file.verify(with: try InputFile.verifierKey(key))
      if let witnessPolicy {
        try WitnessPolicy(try InputFile.bytes(witnessPolicy)).verify(verified.note)
      }
      try display.show(ReceiptReport(verified))
    }
  }

  struct ShowCheckpoint: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "checkpoint", abstract: "Print the newest signed checkpoint, verified.")
    @OptionGroup var session: SessionOptions
    @Option(help: "Save the log's verifier key to this file.") var saveKey: String?

    func run() async throws {
      try await session.show { exchange in
        let key = try await LogVerification.pinnedKey(of: exchange)
        if let saveKey { try LocalFile.write("\(key)\n", to: saveKey) }
        let answer = try await exchange.log.getCheckpoint(.init())
        let checkpoint = try Checkpoint.verified(answer.checkpoint.utf8, with: key)
        return CheckpointReport(checkpoint, key, answer)
      }
    }
  }
}
