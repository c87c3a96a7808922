import NIOCore

// Connections keep time as NIO's deadlines: 64 bits. The standard library's instants are opaque to the compiler,
// and copying one costs more than reading the clock.

extension NIODeadline {
  init(_ instant: ContinuousClock.Instant) {
    self = .now() + TimeAmount(ContinuousClock.now.duration(to: instant))
  }

  func duration(to later: NIODeadline) -> Duration { Duration(later - self) }
}

extension ContinuousClock.Instant {
  init(_ deadline: NIODeadline) {
    self = .now.advanced(by: NIODeadline.now().duration(to: deadline))
  }
}
