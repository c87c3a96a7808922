import GRDB
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension LedgerHandler {
  /// Reads one snapshot, so that writing goes on meanwhile. Ends early when the caller has gone.
  func verifyLedger(
    _ request: SettlementV1.VerifyLedgerRequest, _ context: CallContext,
    _ writer: ResponseWriter<SettlementV1.VerifyLedgerResponse>
  ) async throws {
    let (steps, continuation) = AsyncThrowingStream.makeStream(
      of: SettlementV1.VerifyLedgerResponse.self)
    try await withThrowingTaskGroup(of: Void.self) { [database = transactor.database] group in
      group.addTask {
        do {
          _ = try await database.read { db in try Self.verify(db) { continuation.yield($0) } }
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
      // When this throws, the group cancels the reading, and SQLite is interrupted.
      for try await step in steps { try await writer.write(step) }
    }
  }

  /// The whole check, told step by step; each step has what was found since the one before.
  @discardableResult
  static func verify(
    _ db: Database, _ tell: (SettlementV1.VerifyLedgerResponse) -> Void = { _ in }
  ) throws -> LedgerVerifier {
    try withoutActuallyEscaping(tell) { tell in
      var told = 0
      func step(_ verifier: LedgerVerifier, isLast: Bool) {
        tell(
          SettlementV1.VerifyLedgerResponse(
            accountsChecked: verifier.accountsChecked,
            transfersChecked: verifier.transfersChecked,
            findings: verifier.findings[told...].map { SettlementV1.LedgerFinding($0) },
            findingsLeftOut: verifier.findingsLeftOut, complete: isLast))
        told = verifier.findings.count
      }
      var check = LedgerCheck(db) { step($0, isLast: false) }
      try check.run()
      try verifyEscrow(db, &check.verifier)
      step(check.verifier, isLast: true)
      return check.verifier
    }
  }

  /// What lies in escrow must be what orders have paid and nobody has got yet.
  private static func verifyEscrow(_ db: Database, _ verifier: inout LedgerVerifier) throws {
    let sums = try OrderTable(db).escrowed() + CrossingTable(db).returnedToEscrow()
    for account in try AccountTable(db).escrows() {
      let owed = sums.reduce(0) { sum, item in
        item.currency == account.currency && item.environment == account.environment
          ? sum + item.amount : sum
      }
      // What is on its way to another partition is held until that has it.
      if account.available != owed {
        verifier.report(
          "account", row: account.number, account: account.id,
          "holds \(account.available) but its orders sum to \(owed)")
      }
    }
  }
}

extension SettlementV1.LedgerFinding {
  init(_ finding: LedgerVerifier.Finding) {
    self.init(
      accountID: finding.accountID, transferID: finding.transferID, finding: finding.text,
      table: finding.table, row: max(finding.row, 0))
  }
}
