import Model
import RPC
import ServiceRuntime
import Stubs
import TestSupport
import Testing

/// The real service, copied while it works and started again from the copy.
@Suite(.serialized, .timeLimit(.minutes(2))) struct RestoredCopyTests {
  private static let account = AccountID(high: 1, low: 1)

  private func command(_ arguments: [String], in directory: TemporaryDirectory) async throws {
    let process = try ServiceProcess(
      "settlement", arguments: arguments + ["--data-directory", directory.path],
      logFile: directory.file("command.log"))
    try process.start()
    let status = try await process.untilExit()
    #expect(status == 0, "\(process.log)")
  }

  private func submit(
    _ numbers: ClosedRange<UInt64>, from outside: AccountID, _ ledger: LedgerServiceClient
  ) async throws {
    for number in numbers {
      let results = try await ledger.submitTransfers(
        .init(transfers: [
          SettlementV1.Transfer(
            id: TransferID(high: 3, low: number), kind: .post, debitAccountID: outside,
            creditAccountID: Self.account, amount: 10, currencyCode: "VND")
        ])
      ).results
      #expect(results.map(\.outcome) == [.ok])
    }
  }

  @Test func aServiceStartsFromACopyThatWasMadeUnderWrites() async throws {
    let faulty = try await FaultyLedger()
    let directory = faulty.service.directory
    let running = try await faulty.start()
    var ledger = running
    let outside = try #require(
      try await ledger.listAccounts(.init(exchangeOwned: true)).accounts
        .first { $0.kind == .external && $0.environment == .live }?.id)
    _ = try await ledger.createAccounts(
      .init(accounts: [
        SettlementV1.Account(
          id: Self.account, ownerID: ParticipantID(high: 2, low: 1), currencyCode: "VND",
          environment: .live, kind: .participant)
      ]))
    try await submit(1...20, from: outside, ledger)
    async let more: Void = submit(21...120, from: outside, running)
    try await command(["backup", directory.file("copy")], in: directory)
    try await more
    _ = try await faulty.service.process.terminate()
    try await command(["restore", directory.file("copy"), "--replace"], in: directory)
    ledger = try await faulty.start()
    let found = try #require(
      try await ledger.lookupAccounts(.init(accountIDs: [Self.account])).accounts.first)
    let transfers = found.creditsPosted / 10
    #expect((20...120).contains(transfers))
    for try await step in ledger.verifyLedger(.init()) { #expect(step.findings.isEmpty) }
    // What the copy lacks can be done again; what it holds is not done twice.
    let last = TransferID(high: 3, low: UInt64(transfers))
    #expect(try await ledger.lookupTransfers(.init(transferIDs: [last])).transfers.count == 1)
    try await submit(UInt64(transfers) + 1...130, from: outside, ledger)
    try await faulty.stop()
  }
}
