import Synchronization

/// Lets one task at a time do something that is too costly for several.
final class ExclusiveUse: Sendable {
  private let isTaken = Mutex(false)

  /// Runs `body`, or throws `refusal` while another task is in it.
  func run<Value>(
    orThrow refusal: @autoclosure () -> any Error, _ body: () async throws -> Value
  ) async throws -> Value {
    let isMine = isTaken.withLock { isTaken in
      defer { isTaken = true }
      return !isTaken
    }
    guard isMine else { throw refusal() }
    defer { isTaken.withLock { $0 = false } }
    return try await body()
  }
}
