import Synchronization

/// Lets retries be a small part of all calls, so that they cannot multiply an overload (gRFC A6, retry throttling):
/// a failure costs a token, a success earns a tenth; below half there are no retries.
final class RetryBudget: Sendable {
  private static let capacity = 100
  private static let failureCost = 10
  private let tokens = Atomic(capacity)

  func succeeded() {
    let before = tokens.load(ordering: .relaxed)
    guard before < Self.capacity else { return }
    // One that is lost to a race does not matter.
    _ = tokens.compareExchange(expected: before, desired: before + 1, ordering: .relaxed)
  }

  /// Notes a failure; returns whether a retry is affordable.
  func failed() -> Bool {
    if tokens.subtract(Self.failureCost, ordering: .relaxed).newValue < 0 {
      tokens.store(0, ordering: .relaxed)
    }
    return hasCredit
  }

  var hasCredit: Bool { tokens.load(ordering: .relaxed) > Self.capacity / 2 }
}
