import Glibc

// Names and values of header fields, as nghttp2 hands them over.

extension UnsafeRawBufferPointer {
  func equals(_ other: UnsafeRawBufferPointer) -> Bool {
    guard count == other.count else { return false }
    guard let start = baseAddress, let otherStart = other.baseAddress else { return true }
    return memcmp(start, otherStart, count) == 0
  }

  func equals(_ text: StaticString) -> Bool {
    count == text.utf8CodeUnitCount && equals(UnsafeRawBufferPointer(text))
  }

  func starts(with text: StaticString) -> Bool {
    count >= text.utf8CodeUnitCount
      && UnsafeRawBufferPointer(rebasing: self[..<text.utf8CodeUnitCount]).equals(text)
  }

  func ends(with text: StaticString) -> Bool {
    count >= text.utf8CodeUnitCount
      && UnsafeRawBufferPointer(rebasing: self[(count - text.utf8CodeUnitCount)...]).equals(text)
  }

  /// Compares ASCII letters whatever their case; `text` must be in lower case.
  func equalsIgnoringCase(_ text: StaticString) -> Bool {
    count == text.utf8CodeUnitCount
      && zip(self, UnsafeRawBufferPointer(text)).allSatisfy { byte, lower in
        byte == lower || (0x41...0x5a).contains(byte) && byte | 0x20 == lower
      }
  }

  /// Without spaces and tabs at either end.
  var trimmed: UnsafeRawBufferPointer {
    var slice = self[...]
    while let byte = slice.first, byte == 0x20 || byte == 0x09 { slice = slice.dropFirst() }
    while let byte = slice.last, byte == 0x20 || byte == 0x09 { slice = slice.dropLast() }
    return UnsafeRawBufferPointer(rebasing: slice)
  }

  private init(_ text: StaticString) {
    self.init(start: text.utf8Start, count: text.utf8CodeUnitCount)
  }
}
