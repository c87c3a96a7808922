import Model
import Synchronization

/// The handler's side of a stream's outgoing messages: holds the writer back while too many bytes wait.
final class OutboundMessages: Sendable {
  private struct State {
    var waitingBytes = 0
    var isClosed = false
    var nextTicket = 0
    var writers: [(ticket: Int, continuation: CheckedContinuation<Void, any Error>)] = []
  }

  private let limitBytes: Int
  private let deliver: @Sendable ([UInt8]) -> Void
  private let state = Mutex(State())

  /// `deliver` passes a framed message on to the connection.
  init(limitBytes: Int, deliver: @escaping @Sendable ([UInt8]) -> Void) {
    self.limitBytes = limitBytes
    self.deliver = deliver
  }

  /// Passes the message on as soon as fewer than `limitBytes` wait.
  func write(_ framed: [UInt8]) async throws {
    while true {
      let isAccepted = try state.withLock { state in
        guard !state.isClosed else { throw Self.ended }
        guard state.waitingBytes < limitBytes else { return false }
        state.waitingBytes += framed.count
        return true
      }
      if isAccepted { return deliver(framed) }
      try await roomForMore()
    }
  }

  /// The connection has let out this many bytes.
  func sent(_ count: Int) {
    let writers = state.withLock { state in
      state.waitingBytes -= count
      return state.waitingBytes < limitBytes ? Self.takeWriters(&state) : []
    }
    for writer in writers { writer.resume() }
  }

  /// The call has ended: every further write throws.
  func close() {
    let writers = state.withLock { state in
      state.isClosed = true
      return Self.takeWriters(&state)
    }
    for writer in writers { writer.resume(throwing: Self.ended) }
  }

  private func roomForMore() async throws {
    let ticket = state.withLock { state in
      state.nextTicket += 1
      return state.nextTicket
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let outcome: Result<Void, any Error>? = state.withLock { state in
          if state.isClosed || Task.isCancelled { return .failure(Self.ended) }
          if state.waitingBytes < limitBytes { return .success(()) }
          state.writers.append((ticket, continuation))
          return nil
        }
        if let outcome { continuation.resume(with: outcome) }
      }
    } onCancel: {
      let writer = state.withLock { state in
        state.writers.firstIndex { $0.ticket == ticket }
          .map { state.writers.remove(at: $0).continuation }
      }
      writer?.resume(throwing: Self.ended)
    }
  }

  private static func takeWriters(
    _ state: inout State
  ) -> [CheckedContinuation<Void, any Error>] {
    defer { state.writers = [] }
    return state.writers.map(\.continuation)
  }

  private static let ended = RPCStatus(code: .cancelled, message: "the call has ended")
}
