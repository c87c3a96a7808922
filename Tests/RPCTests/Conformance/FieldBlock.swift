/// Header fields and their plainest encoding: literals without indexing or Huffman coding (RFC 7541, 6.2.2).
struct FieldBlock: Sendable {
  var fields: [(name: String, value: String)]

  /// A gRPC request.
  static func request(_ method: String = "Echo") -> FieldBlock {
    FieldBlock(fields: [
      (":method", "POST"), (":scheme", "https"), (":path", "/ndx.test.v1.EchoService/\(method)"),
      (":authority", "test"), ("te", "trailers"), ("content-type", "application/grpc"),
    ])
  }

  static let response = FieldBlock(fields: [
    (":status", "200"), ("content-type", "application/grpc"),
  ])
  static let trailers = FieldBlock(fields: [("grpc-status", "0")])

  func with(_ name: String, _ value: String) -> FieldBlock {
    FieldBlock(fields: fields + [(name, value)])
  }

  func first(_ name: String, _ value: String) -> FieldBlock {
    FieldBlock(fields: [(name, value)] + fields)
  }

  func replacing(_ name: String, _ value: String) -> FieldBlock {
    FieldBlock(fields: fields.map { $0.name == name ? (name, value) : $0 })
  }

  func without(_ name: String) -> FieldBlock {
    FieldBlock(fields: fields.filter { $0.name != name })
  }

  var bytes: [UInt8] {
    fields.flatMap { [0] + Self.string(Array($0.name.utf8)) + Self.string(Array($0.value.utf8)) }
  }

  /// A string literal without Huffman coding (RFC 7541, 5.2).
  static func string(_ bytes: [UInt8]) -> [UInt8] {
    integer(bytes.count, prefixBits: 7, pattern: 0) + bytes
  }

  /// An integer after the bits of a pattern (RFC 7541, 5.1).
  static func integer(_ value: Int, prefixBits: Int, pattern: UInt8) -> [UInt8] {
    let limit = 1 << prefixBits - 1
    guard value >= limit else { return [pattern | UInt8(value)] }
    var bytes = [pattern | UInt8(limit)]
    var rest = value - limit
    while rest >= 128 {
      bytes.append(UInt8(rest & 127 | 128))
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}
