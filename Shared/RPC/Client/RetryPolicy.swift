import Model

/// Decides whether a call that failed is repeated, and when.
///
/// What is repeated:
/// - any call of which the server is known not to have begun: it refused the stream, named an earlier stream as its
///   last in GOAWAY, or the connection went before the call was written;
/// - calls of idempotent methods that ended UNAVAILABLE before their first response, or RESOURCE_EXHAUSTED with
///   RetryInfo. An overloaded server refuses before a handler runs, but a handler may also pass on the refusal of a
///   service that it called, so a status alone never proves that a call has not begun.
///
/// A retry waits a jittered, doubling time, or what RetryInfo asks for if that is longer, as long as it is no longer than
/// the longest time between attempts to connect; the first one after a call that was not begun waits for nothing.
/// Its deadline is that of the call.
/// The budget counts answers, and once each connection that is lost, whatever the number of its calls.
struct RetryPolicy: Sendable {
  private let configuration: RPCChannelConfiguration
  private let budget = RetryBudget()

  init(_ configuration: RPCChannelConfiguration) { self.configuration = configuration }

  func succeeded() { budget.succeeded() }

  /// How long to wait before the next attempt; nil when the failure is final.
  /// - Parameter attempt: number of the one that failed, from 1.
  func pause(
    after failure: RPCStatus, _ progress: AttemptProgress, _ method: MethodDescriptor, attempt: Int,
    until deadline: ContinuousClock.Instant?
  ) -> Duration? {
    guard isAffordable(failure, progress, method), attempt < configuration.maximumAttempts
    else { return nil }
    var pause = configuration.initialBackoff * (1 << (attempt - 1))
    switch progress {
    case .notBegun, .notSent: if attempt == 1 { pause = .zero }
    case .lost: break
    case .ended:
      let asked = failure.details?.retryAfterMilliseconds.map(Duration.milliseconds) ?? .zero
      guard asked <= configuration.maximumBackoff else { return nil }
      pause = max(pause, asked)
    }
    // Later rather than earlier: RetryInfo is the least that the server asks for.
    pause = pause * .random(in: 1...1.4)
    if let deadline, .now + pause >= deadline { return nil }
    return pause
  }

  private func isAffordable(
    _ failure: RPCStatus, _ progress: AttemptProgress, _ method: MethodDescriptor
  ) -> Bool {
    switch progress {
    case .notBegun, .notSent: return true
    case .lost(let connection):
      let isAffordable = connection.countLoss() ? budget.failed() : budget.hasCredit
      return method.isIdempotent && isAffordable
    case .ended:
      let isAskedToRetry = failure.details?.retryAfterMilliseconds != nil
      guard failure.code == .unavailable || failure.code == .resourceExhausted && isAskedToRetry
      else { return false }
      return budget.failed() && method.isIdempotent
    }
  }
}
