import Model

/// What one transfer does to its accounts: it adds the same to the debits of one and to the credits of the other.
/// Negative amounts take back what a hold set aside.
package struct Movement: Sendable, Hashable {
  package let posted: Int64
  package let pending: Int64

  package init(posted: Int64 = 0, pending: Int64 = 0) {
    self.posted = posted
    self.pending = pending
  }

  /// What undoes it.
  var reversed: Self { Self(posted: -posted, pending: -pending) }
}

extension Counters {
  // The rules have checked that nothing overflows.

  mutating func debit(_ movement: Movement) {
    debitsPosted += movement.posted
    debitsPending += movement.pending
  }

  mutating func credit(_ movement: Movement) {
    creditsPosted += movement.posted
    creditsPending += movement.pending
  }
}
