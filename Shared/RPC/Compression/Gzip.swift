import CZlib

/// gzip (RFC 1952), one member for a message, by zlib.
///
/// `deflate`, gRPC's other old encoding, is left out: peers disagree whether it means zlib's format or a raw stream, and
/// every gRPC library that has it has gzip too.
enum Gzip {
  private static let format: Int32 = 16
  /// Speed over size: a message waits for its compression, and the gain of higher levels is small.
  private static let level: Int32 = 1
  /// Header, empty block and trailer.
  private static let minimumBytes = 20
  /// No deflate stream grows by more than this (1032, RFC 1951's longest match from two bits, and a little).
  private static let maximumRatio = 1040
  private static let structureBytes = Int32(MemoryLayout<z_stream>.size)

  /// Compresses; the result comes after `prefix` zero bytes. Nil when it would not be smaller than the original.
  static func compress(_ original: UnsafeRawBufferPointer, reserving prefix: Int) -> [UInt8]? {
    // A window longer than the message would only cost memory and the time to clear it.
    let windowBits = Int32(max(10, min(15, Int.bitWidth - original.count.leadingZeroBitCount)))
    var isSmaller = false
    var stream = z_stream()
    let compressed = [UInt8](unsafeUninitializedCapacity: prefix + original.count) {
      buffer, count in
      buffer[..<prefix].update(repeating: 0)
      isSmaller = withUnsafeMutablePointer(to: &stream) { stream in
        guard
          deflateInit2_(
            stream, level, Z_DEFLATED, format + windowBits, min(8, windowBits - 6),
            Z_DEFAULT_STRATEGY, ZLIB_VERSION, structureBytes) == Z_OK
        else { return false }
        defer { deflateEnd(stream) }
        stream.pointee.next_in = original.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_in = UInt32(original.count)
        stream.pointee.next_out = buffer.baseAddress.map { $0 + prefix }
        stream.pointee.avail_out = UInt32(max(0, original.count - 1))
        return deflate(stream, Z_FINISH) == Z_STREAM_END
      }
      count = isSmaller ? prefix + Int(stream.total_out) : 0
    }
    return isSmaller ? compressed : nil
  }

  /// How long the message says that it is; a hint to be checked by `decompress`.
  static func announcedBytes(_ compressed: [UInt8]) -> Int {
    compressed.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// Decompresses one member, of exactly the length that its trailer announces: a bomb is refused on that length
  /// before anything is allocated, and one that lies about it as soon as it has filled the space.
  static func decompress(_ compressed: [UInt8], limit: Int) throws(MessageFault) -> [UInt8] {
    let length = announcedBytes(compressed)
    guard compressed.count >= minimumBytes else { throw .corrupt }
    guard length <= limit else { throw .tooLong(announced: length, limit: limit) }
    guard length <= compressed.count * maximumRatio else { throw .corrupt }
    var isWhole = false
    let original = [UInt8](unsafeUninitializedCapacity: max(1, length)) { buffer, count in
      isWhole = inflate(compressed, into: buffer.baseAddress, length)
      count = isWhole ? length : 0
    }
    guard isWhole else { throw .corrupt }
    return original
  }

  /// Whether the bytes are one whole member of this length; zlib compares checksum and length with the trailer.
  private static func inflate(
    _ compressed: [UInt8], into start: UnsafeMutablePointer<UInt8>?, _ length: Int
  ) -> Bool {
    var stream = z_stream()
    return withUnsafeMutablePointer(to: &stream) { stream in
      compressed.withUnsafeBufferPointer { compressed in
        stream.pointee.next_in = compressed.baseAddress
        stream.pointee.avail_in = UInt32(compressed.count)
        guard
          inflateInit2_(stream, format + MAX_WBITS, ZLIB_VERSION, structureBytes) == Z_OK
        else { return false }
        defer { inflateEnd(stream) }
        stream.pointee.next_out = start
        stream.pointee.avail_out = UInt32(length)
        return CZlib.inflate(stream, Z_FINISH) == Z_STREAM_END && stream.pointee.avail_in == 0
          && stream.pointee.avail_out == 0
      }
    }
  }
}
