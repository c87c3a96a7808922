import GRDB
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension LedgerHandler {
  /// Reads one snapshot, so that writing goes on meanwhile.
  func verifyLedger(
    _ request: SettlementV1.VerifyLedgerRequest, _ context: CallContext,
    _ writer: ResponseWriter<SettlementV1.VerifyLedgerResponse>
  ) async throws {
    let result = try await transactor.database.read { try Self.verify($0) }
    try await writer.write(
      SettlementV1.VerifyLedgerResponse(
        accountsChecked: result.accountsChecked, transfersChecked: result.transfersChecked,
        findings: result.findings.map {
          SettlementV1.LedgerFinding(
            accountID: $0.accountID, transferID: $0.transferID, finding: $0.text)
        }, complete: true))
  }

  static func verify(_ db: Database) throws -> LedgerVerifier {
    var verifier = LedgerVerifier()
    try verifyTransfers(db, &verifier)
    try AccountTable(db).forEach { verifier.add($0.account) }
    try verifyEscrow(db, &verifier)
    verifier.finish()
    return verifier
  }

  /// What lies in escrow must be what orders have paid and nobody has got yet.
  private static func verifyEscrow(_ db: Database, _ verifier: inout LedgerVerifier) throws {
    let sums = try OrderTable(db).escrowed()
    try AccountTable(db).forEach { stored in
      let account = stored.account
      guard account.kind == .escrow else { return }
      let owed = sums.first {
        $0.currency == account.currency && $0.environment == account.environment
      }
      if account.balance != owed?.amount ?? 0 {
        verifier.report(
          account: account.id,
          "holds \(account.balance) but its orders sum to \(owed?.amount ?? 0)")
      }
    }
  }

  /// Recomputes the links of the journal along with the counters.
  private static func verifyTransfers(_ db: Database, _ verifier: inout LedgerVerifier) throws {
    var links: [JournalTable.Link] = []
    try JournalTable(db).forEach { links.append($0) }
    var position = 0
    var previous = LedgerLink.genesis
    var group: [LedgerEntry] = []
    try TransferTable(db).forEach { item in
      verifier.add(item)
      group.append(item.entry)
      guard position < links.count else { return }
      let link = links[position]
      guard item.entry.sequence >= link.lastTransfer else { return }
      if LedgerLink(after: previous, entries: group).digest != link.digest {
        verifier.report("link \(link.number) of the journal does not fit its transfers")
      }
      previous = link.digest
      position += 1
      group = []
    }
    if !group.isEmpty || position < links.count {
      verifier.report("the journal ends elsewhere than the transfers")
    }
  }
}
