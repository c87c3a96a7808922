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

  /// Eight bytes at a time; the last eight may overlap those before.
  private static func scan(_ bytes: UnsafeRawBufferPointer) -> (isASCII: Bool, hasNUL: Bool) {
    var high: UInt64 = 0
    var zero: UInt64 = 0
    func add(_ word: UInt64) {
      high |= word
      zero |= (word &- 0x0101_0101_0101_0101) & ~word
    }
    if bytes.count >= 8 {
      let last = bytes.count - 8
      var position = 0
      while position < last {
        add(bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
        position += 8
      }
      add(bytes.loadUnaligned(fromByteOffset: last, as: UInt64.self))
    } else {
      // As eight bytes, the missing ones neither zero nor above 127.
      for byte in bytes { add(0x0101_0101_0101_0100 | UInt64(byte)) }
    }
    return (high & 0x8080_8080_8080_8080 == 0, zero & 0x8080_8080_8080_8080 != 0)
  }
}
