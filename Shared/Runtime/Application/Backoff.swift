/// Waits between attempts: doubling from `first` to `limit`, each shortened at random by up to half,
/// so that many processes do not come back together.
package struct Backoff: Sendable {
  private let first: Duration
  private let limit: Duration
  private var next: Duration

  package init(first: Duration = .milliseconds(100), limit: Duration = .seconds(5)) {
    self.first = first
    self.limit = limit
    next = first
  }

  /// After a success the next wait is short again.
  package mutating func reset() { next = first }

  /// Throws `CancellationError` when the task is cancelled meanwhile.
  package mutating func wait() async throws {
    let pause = next * Double.random(in: 0.5...1)
    next = min(next * 2, limit)
    try await Task.sleep(for: pause)
  }
}
