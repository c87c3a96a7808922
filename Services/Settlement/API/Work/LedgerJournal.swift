import GRDB
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

/// Adds one link to the ledger's journal for every commit that added transfers, in that commit, and
/// sends its digest to the audit log: no transfer can be altered unseen afterwards.
final class LedgerJournal: CommitObserver {
  private let ledger: Ledger
  private let transactor: Transactor

  init(ledger: Ledger, transactor: Transactor) {
    self.ledger = ledger
    self.transactor = transactor
  }

  func groupWillCommit(_ db: Database) throws {
    guard let link = ledger.store.link else { return }
    let journal = JournalTable(db)
    let covered = link.head?.lastTransfer ?? 0
    let last = covered + Int64(link.count)
    var pieces = link.digest()
    var lastRecord = link.head?.lastRecord ?? 0
    try journal.records(after: lastRecord, through: .max) { number, bytes in
      pieces.add(bytes, each: bytes.count)
      lastRecord = number
    }
    let digest = pieces.finish().digest
    let transaction = transactor.transaction(
      on: db, .own(service: SettlementService.name, work: "LedgerJournal"))
    let added = try journal.append(
      digest, first: covered + 1, last: last, lastRecord: lastRecord, seals: pieces.seals,
      at: transaction.now)
    try transaction.emit(
      AuditEvent(
        kind: "ledger.committed", subjects: ["ledger/journal"],
        payload: [
          "link": "\(added.number)", "digest": digest.hex,
          "first_transfer": "\(added.firstTransfer)",
          "last_transfer": "\(added.lastTransfer)",
        ]))
  }
}
