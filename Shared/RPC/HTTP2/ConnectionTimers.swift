import CNGHTTP2
import NIOCore

/// What a connection waits for. Its timers keep it alive; they are cancelled when it ends.
enum TimerKind: Hashable {
  case handshake
  case keepAlive
  case drain
  case deadline
  case close
}

extension HTTP2Connection {
  /// Runs the action later on the event loop, instead of an earlier one of the same kind.
  func schedule(_ kind: TimerKind, after delay: Duration, _ action: @escaping () -> Void) {
    timers[kind]?.cancel()
    timers[kind] = context?.eventLoop.assumeIsolated()
      .scheduleTask(in: TimeAmount(max(delay, .zero)), action)
  }

  /// The time for TLS and for the peer's first settings.
  func limitHandshake(to time: Duration) {
    schedule(.handshake, after: time) { [self] in
      if !isEstablished { fail(TLSError("the handshake took too long")) }
    }
  }

  /// Asks a peer that has been silent for the interval by PING; closes when it stays silent as long again.
  func keepAlive(every interval: Duration, isAsked: Bool = false) {
    hasHeardPeer = false
    schedule(.keepAlive, after: interval) { [self] in
      keepAliveTicked()
      if hasHeardPeer { return keepAlive(every: interval) }
      guard !isAsked else { return fail(TLSError("the peer has fallen silent")) }
      nghttp2_submit_ping(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil)
      flush()
      keepAlive(every: interval, isAsked: true)
    }
  }

  /// Sees to it that streams whose deadline has passed are told. One timer serves all streams:
  /// it is set for the earliest deadline and looks at all of them when it fires.
  func watch(_ deadline: NIODeadline) {
    if let nextDeadline, nextDeadline <= deadline { return }
    nextDeadline = deadline
    schedule(.deadline, after: NIODeadline.now().duration(to: deadline)) {
      self.deadlineReached()
    }
  }

  /// Resets streams of whose answer the peer has taken nothing for so long.
  func endStalledStreams(after limit: Duration) {
    let now = NIODeadline.now()
    for stream in streams.values where stream.waitingBytes > 0 {
      let since = stream.stalledSince ?? now
      stream.stalledSince = since
      if since.duration(to: now) >= limit { reset(stream.id, NGHTTP2_CANCEL) }
    }
  }

  private func deadlineReached() {
    nextDeadline = nil
    let now = NIODeadline.now()
    var next: NIODeadline?
    for stream in streams.values {
      guard let deadline = stream.deadline else { continue }
      if deadline <= now {
        stream.deadline = nil
        stream.expired()
      } else {
        next = min(next ?? deadline, deadline)
      }
    }
    if let next { watch(next) }
    flush()
  }
}
