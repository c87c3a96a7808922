import Model
import Synchronization

/// The consumer's side of a stream's incoming messages. One task consumes; the connection offers.
///
/// Bytes are reported as consumed only when the consumer has taken them; the connection opens the flow-control
/// window by as much, so a slow consumer holds the peer back and at most a window and a message wait here.
final class InboundMessages: Sendable {
  private typealias Consumer = CheckedContinuation<ReceivedMessage?, any Error>

  private struct State {
    var messages: [ReceivedMessage] = []
    var next = 0
    var end: Result<Void, RPCStatus>?
    var consumer: Consumer?
    var unreportedBytes = 0
  }

  /// Consumed bytes are reported in steps of this size, or when nothing is left to take.
  private static let reportBytes = 32 << 10

  private let isHeldUntilEnd: Bool
  private let consumed: @Sendable (Int) -> Void
  private let state = Mutex(State())

  /// - Parameter isHeldUntilEnd: for a single message, which is of use only once the status has come too:
  ///   the consumer is woken once, at the end.
  init(isHeldUntilEnd: Bool = false, consumed: @escaping @Sendable (Int) -> Void) {
    self.isHeldUntilEnd = isHeldUntilEnd
    self.consumed = consumed
  }

  /// Adds a message, or hands it to the consumer that waits for one.
  func offer(_ message: ReceivedMessage) {
    let consumer = state.withLock { state in
      guard !isHeldUntilEnd, let consumer = state.consumer else {
        state.messages.append(message)
        return nil as Consumer?
      }
      state.consumer = nil
      return consumer
    }
    consumer?.resume(returning: message)
  }

  /// Whether messages wait for the consumer.
  var hasBacklog: Bool { state.withLock { $0.next < $0.messages.count } }

  /// No more messages. On failure, messages that still wait are dropped.
  func finish(_ end: Result<Void, RPCStatus>) {
    let (consumer, step) = state.withLock { state in
      guard state.end == nil else { return (nil as Consumer?, Step.mustWait) }
      state.end = end
      if case .failure = end { Self.dropMessages(&state) }
      guard let consumer = state.consumer else { return (nil, .mustWait) }
      state.consumer = nil
      return (consumer, take(&state))
    }
    if let consumer { resume(consumer, with: step) }
  }

  /// The next message, or nil at the end. Cancelling the task ends the wait with CANCELLED.
  func next() async throws -> ReceivedMessage? {
    switch takeNow() {
    case .message(let message, let report):
      if report > 0 { consumed(report) }
      return message
    case .end(let end):
      try end.get()
      return nil
    case .mustWait:
      return try await waitForNext()
    }
  }

  private enum Step {
    case message(ReceivedMessage, report: Int)
    case end(Result<Void, RPCStatus>)
    case mustWait
  }

  private func takeNow() -> Step {
    state.withLock { take(&$0) }
  }

  private func take(_ state: inout State) -> Step {
    if isHeldUntilEnd && state.end == nil { return .mustWait }
    guard state.next < state.messages.count else { return state.end.map(Step.end) ?? .mustWait }
    let message = state.messages[state.next]
    state.messages[state.next] = ReceivedMessage([])
    state.next += 1
    state.unreportedBytes += message.bytes.count + MessageFrame.prefixBytes
    let isLast = state.next == state.messages.count
    if isLast {
      state.messages.removeAll(keepingCapacity: true)
      state.next = 0
    }
    guard isLast || state.unreportedBytes >= Self.reportBytes else {
      return .message(message, report: 0)
    }
    defer { state.unreportedBytes = 0 }
    return .message(message, report: state.unreportedBytes)
  }

  private func waitForNext() async throws -> ReceivedMessage? {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let step = state.withLock { state in
          let step = Task.isCancelled ? Step.end(.failure(Self.cancelled)) : take(&state)
          if case .mustWait = step { state.consumer = continuation }
          return step
        }
        resume(continuation, with: step)
      }
    } onCancel: {
      let consumer = state.withLock { state in
        defer { state.consumer = nil }
        return state.consumer
      }
      consumer?.resume(throwing: Self.cancelled)
    }
  }

  private func resume(_ consumer: Consumer, with step: Step) {
    switch step {
    case .message(let message, let report):
      if report > 0 { consumed(report) }
      consumer.resume(returning: message)
    case .end(.success): consumer.resume(returning: nil)
    case .end(.failure(let status)): consumer.resume(throwing: status)
    case .mustWait: break
    }
  }

  private static func dropMessages(_ state: inout State) {
    state.messages = []
    state.next = 0
  }

  private static let cancelled = RPCStatus(code: .cancelled, message: "the call was cancelled")
}
