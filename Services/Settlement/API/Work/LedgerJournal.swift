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
    let group = ledger.store.group
    guard !group.isEmpty else { return }
    let journal = JournalTable(db)
    let head = try journal.head()
    let covered = head?.lastTransfer ?? 0
    let last = covered + Int64(group.count / LedgerLink.entryBytes)
    var pieces = LedgerLinkDigest(after: head?.digest ?? LedgerLink.genesis, version: 2)
    pieces.add(group, each: LedgerLink.entryBytes)
    var lastRecord = head?.lastRecord ?? 0
    try journal.records(after: lastRecord, through: .max) { number, bytes in
      pieces.add(bytes, each: bytes.count)
      lastRecord = number
    }
    let digest = pieces.finish().digest
    let transaction = transactor.transaction(
      on: db, .own(service: SettlementService.name, work: "LedgerJournal"))
    let link = try journal.append(
      digest, first: covered + 1, last: last, lastRecord: lastRecord, seals: pieces.seals,
      at: transaction.now)
    try transaction.emit(
      AuditEvent(
        kind: "ledger.committed", subjects: ["ledger/journal"],
        payload: [
          "link": "\(link.number)", "digest": digest.hex, "first_transfer": "\(link.firstTransfer)",
          "last_transfer": "\(link.lastTransfer)",
        ]))
  }
}
