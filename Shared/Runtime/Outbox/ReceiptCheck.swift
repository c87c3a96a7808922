import Foundation
import Model
import TransparencyLog

/// Whether the log took what it was sent: a receipt's leaf hash must be that of the entry which its producer makes from
/// its own event, so that neither the event nor its details can have become others on the way.
enum ReceiptCheck {
  /// - Throws: `OutboxProblem.badReceipt`.
  static func verify(
    _ receipts: [AuditV1.AppendReceipt], of events: [AuditV1.Event], by producer: String
  ) throws(OutboxProblem) {
    guard receipts.count == events.count else {
      throw .badReceipt("\(receipts.count) receipts for \(events.count) events")
    }
    var indexes: Set<Int64> = []
    for (receipt, event) in zip(receipts, events) {
      guard receipt.eventID == event.eventID else {
        throw .badReceipt("\(receipt.eventID) instead of \(event.eventID)")
      }
      guard indexes.insert(receipt.index).inserted else {
        throw .badReceipt("index \(receipt.index) twice")
      }
      guard let leaf = leafHash(of: event, by: producer, receipt), leaf == receipt.leafHash else {
        throw .badReceipt("the leaf hash of \(event.eventID) is not that of the event")
      }
    }
  }

  /// Nil when the receipt does not say how the details are hidden.
  private static func leafHash(
    of event: AuditV1.Event, by producer: String, _ receipt: AuditV1.AppendReceipt
  ) -> Digest? {
    // Text is normalised when it is read from the wire.
    var event = event
    event.actor = event.actor.precomposedStringWithCanonicalMapping
    event.subjects = event.subjects.map(\.precomposedStringWithCanonicalMapping)
    let detailsHash: Digest?
    if receipt.salt.isEmpty {
      // The details were erased before this receipt came; their hash is all that there is.
      detailsHash = receipt.detailsHash
    } else {
      guard receipt.salt.count == LogLimits.saltBytes else { return nil }
      detailsHash = EntryDetails(event).commitment(salt: receipt.salt)
    }
    guard let detailsHash,
      let body = try? EntryBody(event, producer: producer, detailsHash: detailsHash)
    else { return nil }
    return MerkleHash.leaf(body.bytes)
  }
}
