import Synchronization

/// Counts running handlers, those included whose caller has gone.
final class CallLimiter: Sendable {
  private let limit: Int
  private let running = Atomic(0)

  init(limit: Int) { self.limit = limit }

  var isIdle: Bool { running.load(ordering: .relaxed) == 0 }
  var isFull: Bool { running.load(ordering: .relaxed) >= limit }

  /// False when the limit is reached; otherwise `leave` must follow.
  func enter() -> Bool {
    if running.add(1, ordering: .relaxed).newValue <= limit { return true }
    leave()
    return false
  }

  func leave() { running.subtract(1, ordering: .relaxed) }
}

/// The limits that a call is under: its service's, and its peer's over all the peer's connections, so that
/// one peer cannot take all there is.
struct CallLimits: Sendable {
  let service: CallLimiter
  let peer: CallLimiter

  var isFull: Bool { service.isFull || peer.isFull }

  /// False when a limit is reached; otherwise `leave` must follow.
  func enter() -> Bool {
    guard service.enter() else { return false }
    guard peer.enter() else {
      service.leave()
      return false
    }
    return true
  }

  func leave() {
    service.leave()
    peer.leave()
  }
}
