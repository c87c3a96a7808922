import CNGHTTP2

/// Finds the frames in the bytes that a peer sends (RFC 9113, 4.1). nghttp2 says nothing of frames that it ignores, such as
/// those of unknown types and DATA on closed streams, and they too are to be judged before they are processed.
final class FrameScanner {
  /// What the next bytes are, and how many of them.
  enum Part {
    /// They go on with the current frame, or with what comes before the first.
    case content(Int)
    /// They begin with a frame's header, and belong to that frame.
    case frame(nghttp2_frame_hd, Int)
    /// They are part of a header. It is kept until it is whole, because nghttp2 takes the parts of a CONTINUATION's
    /// header for as many frames.
    case kept(Int)
    /// They complete the header that was kept, which is now in `header`.
    case completed(nghttp2_frame_hd, Int)
  }

  private static let headerBytes = 9
  /// The length of what a client sends before its first frame (RFC 9113, 3.4).
  static let prefaceBytes = 24

  /// Bytes that still belong to the current frame, or to what comes before the first.
  private var remaining: Int
  /// The header that comes in parts, or the last that did.
  private(set) var header: [UInt8] = []

  /// - Parameter skipping: bytes before the first frame.
  init(skipping prefix: Int) { remaining = prefix }

  /// Takes the first of these bytes, at least one.
  func take(_ bytes: UnsafeRawBufferPointer) -> Part {
    if remaining > 0 {
      let count = min(remaining, bytes.count)
      remaining -= count
      return .content(count)
    }
    let isWhole = header.isEmpty || header.count == Self.headerBytes
    guard isWhole, bytes.count >= Self.headerBytes else {
      return takePart(bytes, isFirst: isWhole)
    }
    let header = Self.parse(bytes)
    let count = min(Self.headerBytes + Int(header.length), bytes.count)
    remaining = Self.headerBytes + Int(header.length) - count
    return .frame(header, count)
  }

  private func takePart(_ bytes: UnsafeRawBufferPointer, isFirst: Bool) -> Part {
    if isFirst { header.removeAll(keepingCapacity: true) }
    let count = min(Self.headerBytes - header.count, bytes.count)
    header.append(contentsOf: bytes.prefix(count))
    guard header.count == Self.headerBytes else { return .kept(count) }
    let parsed = header.withUnsafeBytes { Self.parse($0) }
    remaining = Int(parsed.length)
    return .completed(parsed, count)
  }

  private static func parse(_ bytes: UnsafeRawBufferPointer) -> nghttp2_frame_hd {
    let start = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
    let stream = UInt32(truncatingIfNeeded: start) << 8 | UInt32(bytes[8])
    return nghttp2_frame_hd(
      length: Int(start >> 40), stream_id: Int32(bitPattern: stream & 0x7fff_ffff),
      type: UInt8(truncatingIfNeeded: start >> 32), flags: UInt8(truncatingIfNeeded: start >> 24),
      reserved: 0)
  }
}
