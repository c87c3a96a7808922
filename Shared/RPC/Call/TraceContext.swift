/// W3C Trace Context (https://www.w3.org/TR/trace-context-2/), version 00.
package struct TraceContext: Sendable, Hashable {
  package let traceIDHigh: UInt64
  package let traceIDLow: UInt64
  /// The span that this side of the call is.
  package let spanID: UInt64
  package let isSampled: Bool

  package init(traceIDHigh: UInt64, traceIDLow: UInt64, spanID: UInt64, isSampled: Bool) {
    self.traceIDHigh = traceIDHigh
    self.traceIDLow = traceIDLow
    self.spanID = spanID
    self.isSampled = isSampled
  }

  /// A new trace.
  package static func root() -> TraceContext {
    var generator = SystemRandomNumberGenerator()
    return root(using: &generator)
  }

  static func root(using generator: inout some RandomNumberGenerator) -> TraceContext {
    TraceContext(
      traceIDHigh: generator.next(), traceIDLow: generator.next() | 1,
      spanID: generator.next() | 1, isSampled: false)
  }

  /// A new span of the same trace.
  package func child() -> TraceContext {
    var generator = SystemRandomNumberGenerator()
    return child(using: &generator)
  }

  func child(using generator: inout some RandomNumberGenerator) -> TraceContext {
    TraceContext(
      traceIDHigh: traceIDHigh, traceIDLow: traceIDLow, spanID: generator.next() | 1,
      isSampled: isSampled)
  }

  /// Parses a `traceparent` value; nil for anything that the recommendation calls invalid.
  package init?(traceparent: String) {
    var text = traceparent
    guard let trace = text.withUTF8({ TraceContext(traceparent: UnsafeRawBufferPointer($0)) })
    else { return nil }
    self = trace
  }

  /// As above: version, trace id, span id and flags, each at its place. Later versions may add more after a dash.
  init?(traceparent text: UnsafeRawBufferPointer) {
    let dash = UInt8(ascii: "-")
    guard text.count >= 55, text[2] == dash, text[35] == dash, text[52] == dash,
      let version = Self.hex(text[0..<2]), version != 0xff,
      text.count == 55 || version > 0 && text[55] == dash,
      let high = Self.hex(text[3..<19]), let low = Self.hex(text[19..<35]), high | low != 0,
      let span = Self.hex(text[36..<52]), span != 0, let flags = Self.hex(text[53..<55])
    else { return nil }
    self.init(traceIDHigh: high, traceIDLow: low, spanID: span, isSampled: flags & 1 == 1)
  }

  /// The trace id, 32 lower-case hexadecimal digits.
  package var traceID: String { Self.padded(traceIDHigh) + Self.padded(traceIDLow) }

  /// The header value to pass on.
  package var traceparent: String {
    "00-\(traceID)-\(Self.padded(spanID))-\(isSampled ? "01" : "00")"
  }

  private static func padded(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private static func hex(_ digits: Slice<UnsafeRawBufferPointer>) -> UInt64? {
    var value: UInt64 = 0
    for digit in digits {
      switch digit {
      case 0x30...0x39: value = value << 4 | UInt64(digit - 0x30)
      case 0x61...0x66: value = value << 4 | UInt64(digit - 0x61 + 10)
      default: return nil
      }
    }
    return value
  }
}
