import GRDB
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

/// Adds one link to the ledger's journal for every commit that added transfers, in that commit, and
/// sends its digest to the audit log: no transfer can be altered unseen afterwards.
final class LedgerJournal: CommitObserver {
  private let transactor: Transactor

  init(transactor: Transactor) { self.transactor = transactor }

  func groupWillCommit(_ db: Database) throws {
    let journal = JournalTable(db)
    let head = try journal.head()
    let covered = head?.lastTransfer ?? 0
    let last = try TransferTable(db).lastNumber()
    guard last > covered else { return }
    let entries = try TransferTable(db).entries(after: covered)
    let digest = LedgerLink(after: head?.digest ?? LedgerLink.genesis, entries: entries).digest
    let transaction = transactor.transaction(
      on: db, .own(service: SettlementService.name, work: "LedgerJournal"))
    let link = try journal.append(digest, first: covered + 1, last: last, at: transaction.now)
    try transaction.emit(
      AuditEvent(
        kind: "ledger.committed", subjects: ["ledger/journal"],
        payload: [
          "link": "\(link.number)", "digest": digest.hex, "first_transfer": "\(link.firstTransfer)",
          "last_transfer": "\(link.lastTransfer)",
        ]))
  }
}
