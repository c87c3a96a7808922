import NIOCore

/// Ends connections that send frames which cost us work and bring none along: PING, SETTINGS, PRIORITY,
/// WINDOW_UPDATE, RST_STREAM, empty DATA. A budget that time and real traffic refill.
struct FloodGuard {
  private static let capacity = 2000
  private static let perSecond = 200
  static let resetCost = 5

  private var credit = capacity
  private var refilled = NIODeadline.now()

  /// Pays for one frame; false when the peer has overdrawn.
  mutating func spend(_ cost: Int = 1) -> Bool {
    credit -= cost
    if credit >= 0 { return true }
    let now = NIODeadline.now()
    let earned = (now - refilled).nanoseconds / (1_000_000_000 / Int64(Self.perSecond))
    guard earned > 0 else { return false }
    refilled = now
    credit = min(Self.capacity, credit + Int(min(earned, Int64(Self.capacity))))
    return credit >= 0
  }

  /// A DATA frame went out, for which the peer will send window updates.
  mutating func earn(_ amount: Int) {
    credit = min(Self.capacity, credit + amount)
  }
}
