import Synchronization

/// Lets retries be a small part of all calls, so that they cannot multiply an overload (gRFC A6, retry throttling):
/// a failure costs a token, a success earns a tenth; below half there are no retries.
final class RetryBudget: Sendable {
  private static let capacity = 100
  private static let failureCost = 10
  private let tokens = Mutex(capacity)

  func succeeded() {
    tokens.withLock { $0 = min(Self.capacity, $0 + 1) }
  }

  /// Notes a failure; returns whether a retry is affordable.
  func failed() -> Bool {
    tokens.withLock {
      $0 = max(0, $0 - Self.failureCost)
      return $0 > Self.capacity / 2
    }
  }
}
