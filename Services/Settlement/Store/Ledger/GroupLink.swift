import Dispatch
package import SettlementDomain

/// The journal's next link while its commit is being written: hashing a large group goes on beside the inserts of its
/// rows, on another thread.
// @unchecked: `pieces` belongs to that thread until it has left `hashing`, and then to the database's writer.
package final class GroupLink: @unchecked Sendable {
  /// Transfers from which on another thread is worth its call.
  private static let worthwhile = 2_048

  /// The newest link before; nil when the journal is empty.
  package let head: JournalTable.Link?
  /// How many transfers it covers.
  package let count: Int
  private var pieces: LedgerLinkDigest
  private let hashing = DispatchGroup()

  /// - Parameter entries: the group's transfers, encoded for the journal.
  init(after head: JournalTable.Link?, entries: [UInt8]) {
    self.head = head
    count = entries.count / LedgerLink.entryBytes
    pieces = LedgerLinkDigest(after: head?.digest ?? LedgerLink.genesis, version: 2)
    if count < Self.worthwhile {
      pieces.add(entries, each: LedgerLink.entryBytes)
    } else {
      DispatchQueue.global(qos: .userInitiated).async(group: hashing) { [self] in
        pieces.add(entries, each: LedgerLink.entryBytes)
      }
    }
  }

  /// The digest of the transfers, for the records to be added. Waits until it is there.
  package func digest() -> LedgerLinkDigest {
    hashing.wait()
    return pieces
  }
}
