import AuditDomain
import AuditStore
import Crypto
import Model
import RPC
import ServiceRuntime

extension AuditHandler {
  /// The kind of the entries that tell of producers whose events do not follow those in the log.
  static let gapKind = "producer.gap"

  /// Tells in the log that a producer's events do not follow: once for each number that is expected and reason, so that a
  /// producer that keeps trying adds nothing, and one that goes on adds no more than its own events. Other refusals are
  /// the caller's to hear of alone.
  func noteGap(_ refusal: AuditError, _ context: CallContext) async {
    let producer: String
    let expected: Int64
    switch refusal {
    case .sequenceGap(let name, let next, _), .sequenceReused(let name, let next, _):
      (producer, expected) = (name, next)
    default: return
    }
    let subject = "producer/\(producer)/\(refusal.reason)/\(expected)"
    let now = clock.now()
    // The producer tries again: what cannot be noted now is noted then.
    try? await database.write { [self] db in
      var filter = EntryFilter()
      filter.subject = subject
      filter.kind = Self.gapKind
      guard try EntrySearch(db).list(filter, after: nil, limit: 1).isEmpty else { return }
      _ = try appendOwn(
        Self.gapKind, subjects: ["producer/\(producer)", subject], outcome: .refused,
        payload: refusal.metadata.merging(["reason": refusal.reason]) { $1 }
          .mapValues { .string($0) },
        of: context, at: now, db)
    }
  }
}
