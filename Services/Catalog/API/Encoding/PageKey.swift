extension UInt32 {
  /// A place in a list as the key of a page token: four bytes, most significant first.
  var pageKey: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }

  /// Nil for anything but four bytes: tokens come from outside.
  init?(pageKey bytes: [UInt8]) {
    guard bytes.count == 4 else { return nil }
    self = bytes.reduce(0) { $0 << 8 | UInt32($1) }
  }
}
