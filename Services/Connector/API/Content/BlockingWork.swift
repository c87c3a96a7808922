import Dispatch

/// Runs file work on threads of its own: reading a disk must not hold up an event loop.
enum BlockingWork {
  private static let queue = DispatchQueue(
    label: "connector.files", qos: .userInitiated, attributes: .concurrent)

  static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws
    -> Value
  {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Result { try body() }) }
    }
  }
}
