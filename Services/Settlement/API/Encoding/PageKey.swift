import ServiceRuntime

extension PageQuery {
  /// The number after which the page starts; 0 for the first page.
  var afterNumber: Int64 { after.map { $0.reduce(0) { $0 << 8 | Int64($1) } } ?? 0 }

  /// The key of an item of a list that is in order of number.
  static func key(_ number: Int64) -> [UInt8] {
    withUnsafeBytes(of: number.bigEndian) { Array($0) }
  }
}
