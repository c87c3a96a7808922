import CNGHTTP2

/// What a server answered on one stream.
struct RawResponse {
  typealias Fields = [(name: String, value: String)]
  /// The first block of header fields; of a trailers-only response the only one.
  var head: Fields = []
  var body: [UInt8] = []
  var trailers: Fields = []
  var isTrailersOnly: Bool { trailers.isEmpty }

  /// The first value of the field, wherever it came.
  subscript(name: String) -> String? { (head + trailers).first { $0.name == name }?.value }

  var status: String? { self["grpc-status"] }
}

/// Makes calls, one after the other, with exactly the fields and bytes that a test says.
final class RawCaller {
  let raw: RawConnection
  private var inflater: OpaquePointer?
  private(set) var nextStream: UInt32 = 1

  init(_ server: TestServer) throws {
    raw = try RawConnection(server)
    nghttp2_hd_inflate_new(&inflater)
  }

  deinit { nghttp2_hd_inflate_del(inflater) }

  static let fields: RawResponse.Fields = [
    (":method", "POST"), (":scheme", "https"), (":path", "/ndx.test.v1.EchoService/Echo"),
    (":authority", "test"), ("te", "trailers"), ("content-type", "application/grpc"),
  ]

  /// One call to its end; nil when the connection ends first.
  /// - Parameters:
  ///   - replacing: other values for the usual fields; nil leaves one out.
  ///   - adding: further fields, in this order.
  ///   - body: everything that is sent in DATA frames.
  func call(
    path: String = "/ndx.test.v1.EchoService/Echo", replacing: [String: String?] = [:],
    adding: RawResponse.Fields = [], body: [UInt8] = [0, 0, 0, 0, 0]
  ) -> RawResponse? {
    let stream = open(path: path, replacing: replacing, adding: adding)
    var rest = body[...]
    repeat {
      let part = rest.prefix(16 << 10)
      rest = rest.dropFirst(part.count)
      raw.sendData(stream: stream, Array(part), isLast: rest.isEmpty)
    } while !rest.isEmpty
    return response(on: stream)
  }

  /// Sends the header fields of a call; returns its stream.
  func open(
    path: String = "/ndx.test.v1.EchoService/Echo", replacing: [String: String?] = [:],
    adding: RawResponse.Fields = []
  ) -> UInt32 {
    defer { nextStream += 2 }
    var replacing = replacing
    if replacing[":path"] == nil { replacing[":path"] = path }
    var block: [UInt8] = []
    for (name, value) in Self.fields + adding {
      let value = replacing.keys.contains(name) ? replacing[name] ?? nil : value
      guard let value else { continue }
      // Neither indexed nor compressed (RFC 7541, 6.2.2).
      block += [0] + Self.literal(name) + Self.literal(value)
    }
    raw.send(type: 1, flags: 4, stream: nextStream, block)
    return nextStream
  }

  /// The answer on the stream to its end; nil when the stream is reset or the connection ends first.
  func response(on stream: UInt32) -> RawResponse? {
    var response = RawResponse()
    while let frame = raw.nextFrame() {
      if frame.type == 1 {
        let fields = read(frame.payload)
        guard frame.stream == stream else { continue }
        if response.head.isEmpty { response.head = fields } else { response.trailers = fields }
      } else if frame.stream == stream {
        if frame.type == 0 { response.body += frame.payload }
        if frame.type == 3 { return nil }
      }
      if frame.stream == stream, frame.type <= 1, frame.flags & 1 == 1 { return response }
    }
    return nil
  }

  /// A string without Huffman coding (RFC 7541, 5.2).
  private static func literal(_ text: String) -> [UInt8] {
    var count = text.utf8.count
    guard count >= 127 else { return [UInt8(count)] + Array(text.utf8) }
    var bytes: [UInt8] = [127]
    count -= 127
    while count >= 128 {
      bytes.append(UInt8(count & 127 | 128))
      count >>= 7
    }
    return bytes + [UInt8(count)] + Array(text.utf8)
  }

  private func read(_ block: [UInt8]) -> RawResponse.Fields {
    var fields: RawResponse.Fields = []
    var block = block
    block.withUnsafeMutableBufferPointer { block in
      var position = 0
      while true {
        var field = nghttp2_nv()
        var flags: Int32 = 0
        let count = nghttp2_hd_inflate_hd2(
          inflater, &field, &flags, block.baseAddress.map { $0 + position },
          block.count - position, 1)
        guard count >= 0 else { return }
        position += count
        if flags & Int32(NGHTTP2_HD_INFLATE_EMIT.rawValue) != 0 {
          let name = UnsafeBufferPointer(start: field.name, count: field.namelen)
          let value = UnsafeBufferPointer(start: field.value, count: field.valuelen)
          fields.append(
            (String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
        }
        if flags & Int32(NGHTTP2_HD_INFLATE_FINAL.rawValue) != 0 { break }
      }
      nghttp2_hd_inflate_end_headers(inflater)
    }
    return fields
  }
}
