/// The `grpc-timeout` header: at most eight digits and a unit.
enum GRPCTimeout {
  /// Nil for anything that the gRPC specification does not allow. Zero, which it does not allow either, is read all
  /// the same: clients that round what is left of a deadline send it, and it says that the deadline has passed.
  static func parse(_ text: UnsafeRawBufferPointer) -> Duration? {
    guard (2...9).contains(text.count), let unit = text.last else { return nil }
    var value: Int64 = 0
    for byte in text.dropLast() {
      guard (0x30...0x39).contains(byte) else { return nil }
      value = value * 10 + Int64(byte - 0x30)
    }
    switch unit {
    case UInt8(ascii: "H"): return .seconds(value * 3600)
    case UInt8(ascii: "M"): return .seconds(value * 60)
    case UInt8(ascii: "S"): return .seconds(value)
    case UInt8(ascii: "m"): return .milliseconds(value)
    case UInt8(ascii: "u"): return .microseconds(value)
    case UInt8(ascii: "n"): return .nanoseconds(value)
    default: return nil
    }
  }

  /// The finest unit in which the time fits eight digits; at least one microsecond.
  static func format(_ time: Duration) -> String {
    let (seconds, attoseconds) = time.components
    let limit: Int64 = 100_000_000
    guard seconds < limit else { return "\(limit - 1)S" }
    let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    if microseconds < limit { return "\(max(1, microseconds))u" }
    let milliseconds = microseconds / 1000
    return milliseconds < limit ? "\(milliseconds)m" : "\(seconds)S"
  }
}
