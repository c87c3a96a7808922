import Model

@testable import RPC

/// HTTP/2 frames as bytes (RFC 9113, 4.1), well-formed or not.
enum RawFrame {
  enum Kind: UInt8 {
    case data = 0
    case headers, priority, resetStream, settings, pushPromise, ping, goAway, windowUpdate
    case continuation
  }

  static let endStream: UInt8 = 1
  static let acknowledgement: UInt8 = 1
  static let endHeaders: UInt8 = 4
  static let padded: UInt8 = 8
  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  static func bytes(
    _ kind: Kind, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []
  ) -> [UInt8] {
    bytes(type: kind.rawValue, flags: flags, stream: stream, payload)
  }

  static func bytes(
    type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []
  ) -> [UInt8] {
    [
      UInt8(payload.count >> 16 & 255), UInt8(payload.count >> 8 & 255),
      UInt8(payload.count & 255), type, flags,
    ] + number(stream) + payload
  }

  /// The header fields of a gRPC request, unless others are given in front of or behind them as HPACK.
  static func request(
    stream: UInt32, path: String = "/ndx.test.v1.EchoService/Echo", isLast: Bool = false,
    isWhole: Bool = true, before: [UInt8] = [], after: [UInt8] = []
  ) -> [UInt8] {
    let fields = [
      (":method", "POST"), (":scheme", "https"), (":path", path), (":authority", "test"),
      ("te", "trailers"), ("content-type", "application/grpc"),
    ]
    let block = before + fields.flatMap { field($0.0, $0.1) } + after
    return bytes(
      .headers, flags: (isLast ? endStream : 0) | (isWhole ? endHeaders : 0), stream: stream, block)
  }

  /// DATA frames with one message and the end of the stream.
  static func message(_ message: Echo, stream: UInt32) -> [[UInt8]] {
    let framed = MessageFrame.framed(message)
    return stride(from: 0, to: framed.count, by: 16 << 10).map { start in
      let end = min(framed.count, start + (16 << 10))
      return bytes(
        .data, flags: end == framed.count ? endStream : 0, stream: stream,
        Array(framed[start..<end]))
    }
  }

  /// A literal field that is not indexed, or one that is (RFC 7541, 6.2).
  static func field(_ name: String, _ value: String, isIndexed: Bool = false) -> [UInt8] {
    [isIndexed ? 0x40 : 0] + string(name) + string(value)
  }

  /// The newest entry of the dynamic table.
  static let newestField: UInt8 = 0x80 | 62

  static func windowUpdate(stream: UInt32 = 0, by increment: UInt32) -> [UInt8] {
    bytes(.windowUpdate, stream: stream, number(increment))
  }

  static func setting(_ id: UInt8, _ value: UInt32) -> [UInt8] { [0, id] + number(value) }

  static func number(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  /// A string in HPACK, without Huffman coding (RFC 7541, 5.1 and 5.2).
  private static func string(_ text: String) -> [UInt8] {
    var count = text.utf8.count
    guard count >= 127 else { return [UInt8(count)] + Array(text.utf8) }
    var prefix: [UInt8] = [127]
    count -= 127
    while count >= 128 {
      prefix.append(UInt8(count & 127 | 128))
      count >>= 7
    }
    return prefix + [UInt8(count)] + Array(text.utf8)
  }
}
