import Model
import NIOCore

/// A call that waits for a connection.
struct WaitingCall {
  typealias Continuation = CheckedContinuation<ClientConnectionHandle, any Error>

  /// Whether it waits through failures to connect, until its deadline.
  let waitsForReady: Bool
  let continuation: Continuation
}

/// Calls that wait for a connection, first come first served.
struct WaitingCalls {
  private var order = CircularBuffer<UInt64>()
  private var calls: [UInt64: WaitingCall] = [:]

  var isEmpty: Bool { calls.isEmpty }

  mutating func append(_ call: WaitingCall, ticket: UInt64) {
    order.append(ticket)
    calls[ticket] = call
  }

  mutating func remove(_ ticket: UInt64) -> WaitingCall? {
    defer { forgetRemoved() }
    return calls.removeValue(forKey: ticket)
  }

  mutating func popFirst() -> WaitingCall? {
    while let ticket = order.popFirst() {
      if let call = calls.removeValue(forKey: ticket) { return call }
    }
    return nil
  }

  /// Removes every call, or with `false` those that do not wait through failures.
  mutating func removeAll(evenIfWaitingForReady: Bool) -> [WaitingCall] {
    let removed = calls.filter { evenIfWaitingForReady || !$0.value.waitsForReady }
    for ticket in removed.keys { calls[ticket] = nil }
    forgetRemoved()
    return Array(removed.values)
  }

  /// Tickets without a call are dropped once they are the most.
  private mutating func forgetRemoved() {
    guard order.count > 2 * calls.count else { return }
    order = CircularBuffer(order.filter { calls[$0] != nil })
  }
}
