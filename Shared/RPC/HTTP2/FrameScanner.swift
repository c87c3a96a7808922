import CNGHTTP2

/// Finds the frames in the bytes that a peer sends (RFC 9113, 4.1). nghttp2 says nothing of frames that it ignores, such as
/// those of unknown types and DATA on closed streams, and they too are to be judged before they are processed.
struct FrameScanner {
  private static let headerBytes = 9
  /// The length of what a client sends before its first frame (RFC 9113, 3.4).
  static let prefaceBytes = 24

  /// Bytes that still belong to the current frame, or to what comes before the first.
  private var remaining: Int
  /// The header of a frame, when it comes in parts.
  private var part: [UInt8] = []

  /// - Parameter skipping: bytes before the first frame.
  init(skipping prefix: Int) { remaining = prefix }

  /// Takes bytes of one frame. Returns how many of these belong to it, at least one, and the frame's header when
  /// they complete it.
  mutating func take(_ bytes: UnsafeRawBufferPointer) -> (count: Int, header: nghttp2_frame_hd?) {
    if remaining > 0 {
      let count = min(remaining, bytes.count)
      remaining -= count
      return (count, nil)
    }
    guard part.isEmpty, bytes.count >= Self.headerBytes else { return takePart(bytes) }
    let header = Self.header(bytes)
    let count = min(Self.headerBytes + Int(header.length), bytes.count)
    remaining = Self.headerBytes + Int(header.length) - count
    return (count, header)
  }

  private mutating func takePart(
    _ bytes: UnsafeRawBufferPointer
  ) -> (count: Int, header: nghttp2_frame_hd?) {
    let count = min(Self.headerBytes - part.count, bytes.count)
    part.append(contentsOf: bytes.prefix(count))
    guard part.count == Self.headerBytes else { return (count, nil) }
    let header = part.withUnsafeBytes { Self.header($0) }
    part.removeAll(keepingCapacity: true)
    remaining = Int(header.length)
    return (count, header)
  }

  private static func header(_ bytes: UnsafeRawBufferPointer) -> nghttp2_frame_hd {
    let start = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
    let stream = UInt32(truncatingIfNeeded: start) << 8 | UInt32(bytes[8])
    return nghttp2_frame_hd(
      length: Int(start >> 40), stream_id: Int32(bitPattern: stream & 0x7fff_ffff),
      type: UInt8(truncatingIfNeeded: start >> 32), flags: UInt8(truncatingIfNeeded: start >> 24),
      reserved: 0)
  }
}
