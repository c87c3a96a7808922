/// Whether bytes are text as the exchange accepts it, and whether it is in plain ASCII.
enum TextCheck {
  /// Valid UTF-8 without NUL.
  static func check(_ bytes: UnsafeRawBufferPointer) throws(RuleFailure) {
    switch scan(bytes) {
    case (_, true): throw .nul
    case (true, false): return
    case (false, false):
      guard (try? UTF8Span(validating: bytes.bindMemory(to: UInt8.self).span)) != nil else {
        throw .invalidUTF8
      }
    }
  }

  static func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool { scan(bytes).isASCII }

  /// Eight bytes at a time.
  private static func scan(_ bytes: UnsafeRawBufferPointer) -> (isASCII: Bool, hasNUL: Bool) {
    var high: UInt64 = 0
    var zero: UInt64 = 0
    var position = 0
    while position + 8 <= bytes.count {
      let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
      high |= word & 0x8080_8080_8080_8080
      zero |= (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
      position += 8
    }
    while position < bytes.count {
      let byte = bytes[position]
      high |= UInt64(byte & 0x80)
      if byte == 0 { zero = 1 }
      position += 1
    }
    return (high == 0, zero != 0)
  }
}
