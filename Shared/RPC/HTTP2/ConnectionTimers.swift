import CNGHTTP2
import NIOCore

extension HTTP2Connection {
  /// Runs the action later on the event loop. Capture the connection weakly: timers are not cancelled.
  @discardableResult
  func schedule(after delay: Duration, _ action: @escaping () -> Void) -> Scheduled<Void>? {
    context?.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(max(delay, .zero)), action)
  }

  func limitHandshake(to time: Duration) {
    schedule(after: time) { [weak self] in
      guard let self, session == nil else { return }
      fail(TLSError("the handshake took too long"))
    }
  }

  /// Asks a peer that has been silent for the interval by PING; closes when it stays silent as long again.
  func keepAlive(every interval: Duration, isAsked: Bool = false) {
    hasHeardPeer = false
    schedule(after: interval) { [weak self] in
      guard let self else { return }
      if hasHeardPeer { return keepAlive(every: interval) }
      guard !isAsked else { return fail(TLSError("the peer has fallen silent")) }
      nghttp2_submit_ping(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil)
      flush()
      keepAlive(every: interval, isAsked: true)
    }
  }

  /// Sees to it that streams whose deadline has passed are told. One timer serves all streams:
  /// it is set for the earliest deadline and looks at all of them when it fires.
  func watch(_ deadline: ContinuousClock.Instant) {
    if let timer = deadlineTimer {
      guard deadline < timer.at else { return }
      timer.scheduled.cancel()
    }
    let delay = ContinuousClock.now.duration(to: deadline)
    deadlineTimer = schedule(after: delay) { [weak self] in self?.deadlineReached() }
      .map { (deadline, $0) }
  }

  private func deadlineReached() {
    deadlineTimer = nil
    let now = ContinuousClock.now
    var next: ContinuousClock.Instant?
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
