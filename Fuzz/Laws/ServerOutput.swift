import CNGHTTP2

/// Reads what a server sends on a connection, by the rules of RFC 9113 that bind a server.
struct ServerOutput {
  private var bytes: [UInt8] = []
  private var ended: Set<UInt32> = []
  private var answered: Set<UInt32> = []
  private var headers = HeaderDecoder()

  mutating func add(_ more: some Collection<UInt8>) throws {
    bytes += more
    while bytes.count >= 9 {
      let count = Int(bytes[0]) << 16 | Int(bytes[1]) << 8 | Int(bytes[2])
      guard bytes.count >= 9 + count else { return }
      let stream = bytes[5..<9].reduce(0) { $0 << 8 | UInt32($1) }
      try frame(bytes[3], flags: bytes[4], stream, Array(bytes[9..<9 + count]))
      bytes.removeFirst(9 + count)
    }
  }

  private mutating func frame(
    _ type: UInt8, flags: UInt8, _ stream: UInt32, _ payload: [UInt8]
  ) throws {
    try require(type <= 9, "the server sends a frame of unknown type \(type)")
    switch type {
    case 0:
      try require(answered.contains(stream), "data comes before its header fields")
      try require(!ended.contains(stream), "data comes after the end of its stream")
    case 1:
      try require(flags & 4 != 0, "header fields come in parts")
      try require(!ended.contains(stream), "header fields come after the end of their stream")
      try fields(payload, of: stream, isLast: flags & 1 != 0)
      answered.insert(stream)
    case 3: ended.insert(stream)
    case 5: throw BrokenLaw(description: "the server pushes")
    default: return
    }
    if type <= 1, flags & 1 != 0 { ended.insert(stream) }
  }

  /// A response's fields begin with a status; what ends a gRPC response says how it went.
  private mutating func fields(_ block: [UInt8], of stream: UInt32, isLast: Bool) throws {
    let fields = try require(headers.decode(block), "a header block does not decode")
    let isFirst = !answered.contains(stream)
    try require(
      isFirst == (fields.first?.name == ":status"), "header fields and trailers are confused")
    let isGRPC = !isFirst || fields.contains { $0.name == "content-type" }
    let hasStatus = fields.contains { $0.name == "grpc-status" }
    try require(hasStatus == (isLast && isGRPC), "a status is missing or out of place: \(fields)")
  }
}

/// HPACK's other end, by nghttp2.
final class HeaderDecoder {
  private var inflater: OpaquePointer?

  init() { nghttp2_hd_inflate_new(&inflater) }

  deinit { nghttp2_hd_inflate_del(inflater) }

  /// The fields of a block; nil when it is not well-formed.
  func decode(_ block: [UInt8]) -> [(name: String, value: String)]? {
    var fields: [(name: String, value: String)] = []
    var position = 0
    while true {
      var field = nghttp2_nv()
      var flags: Int32 = 0
      let count = block.withUnsafeBufferPointer { bytes in
        nghttp2_hd_inflate_hd2(
          inflater, &field, &flags, bytes.baseAddress.map { $0 + position },
          bytes.count - position, 1)
      }
      guard count >= 0 else { return nil }
      position += count
      if UInt32(flags) & NGHTTP2_HD_INFLATE_EMIT.rawValue != 0 {
        func text(_ start: UnsafeMutablePointer<UInt8>?, _ count: Int) -> String {
          String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
        }
        fields.append((text(field.name, field.namelen), text(field.value, field.valuelen)))
      }
      if UInt32(flags) & NGHTTP2_HD_INFLATE_FINAL.rawValue != 0 {
        nghttp2_hd_inflate_end_headers(inflater)
        return fields
      }
      if count == 0, UInt32(flags) & NGHTTP2_HD_INFLATE_EMIT.rawValue == 0 { return nil }
    }
  }
}
