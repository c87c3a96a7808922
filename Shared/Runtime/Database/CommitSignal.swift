/// Wakes one waiting task after commits. Several commits before it looks count as one.
package final class CommitSignal: CommitObserver {
  /// One element now, and one after commits until the task ends.
  package let wakeups: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  package init() {
    (wakeups, continuation) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    continuation.yield()
  }

  package func groupCommitted() { continuation.yield() }
}
