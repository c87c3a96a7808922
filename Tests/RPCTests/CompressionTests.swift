import Codec
import Model
import Testing

@testable import RPC

/// doc/compression.md and Message-Encoding of doc/PROTOCOL-HTTP2.md, on the wire.
@Suite struct CompressionTests {
  private static let gzip: RawResponse.Fields = [("grpc-encoding", "gzip")]
  private static let both = gzip + [("grpc-accept-encoding", "identity, deflate, gzip")]

  /// An `Any` whose type_url is so long, framed and compressed.
  private static func message(_ count: Int) throws -> (plain: [UInt8], framed: [UInt8]) {
    let text = GzipTests.text(count)
    let plain = Echo(typeURL: String(decoding: text, as: UTF8.self)).serialized()
    return (plain, framed(try GzipTests.gzip(plain), flag: 1))
  }

  private static func framed(_ bytes: [UInt8], flag: UInt8) -> [UInt8] {
    [flag] + (0..<4).reversed().map { UInt8(bytes.count >> ($0 * 8) & 255) } + bytes
  }

  @Test func aCompressedRequestIsReadAndSaidToBe() async throws {
    try await withEcho { server, _ in
      let (plain, framed) = try Self.message(2000)
      let response = try RawCaller(server).call(adding: Self.gzip, body: framed)
      #expect(response?.status == "0")
      #expect(response?["grpc-accept-encoding"] == "identity,gzip")
      #expect(response?["grpc-encoding"] == nil)
      #expect(response?.body == Self.framed(plain, flag: 0))
    }
  }

  @Test(arguments: [2000, 100_000])
  func theAnswerIsCompressedForACallerThatCompresses(count: Int) async throws {
    try await withEcho { server, _ in
      let (plain, framed) = try Self.message(count)
      let response = try #require(try RawCaller(server).call(adding: Self.both, body: framed))
      #expect(response["grpc-encoding"] == "gzip" && response.status == "0")
      #expect(response.body.first == 1 && response.body.count < plain.count / 2)
      let answer = try Gzip.decompress(Array(response.body.dropFirst(5)), limit: 1 << 20)
      #expect(answer == plain)
    }
  }

  @Test func noOtherAnswerIsCompressed() async throws {
    let (plain, framed) = try Self.message(2000)
    let uncompressed = Self.framed(plain, flag: 0)
    try await withEcho { server, _ in
      let caller = try RawCaller(server)
      let accepting = caller.call(
        adding: [("grpc-accept-encoding", "gzip")], body: uncompressed)
      let secret = caller.call(
        path: "/ndx.test.v1.EchoService/Secret", adding: Self.both, body: framed)
      #expect(accepting?.body == uncompressed && accepting?["grpc-encoding"] == nil)
      #expect(secret?.body == uncompressed)
      let short = Self.framed(Echo(typeURL: "short").serialized(), flag: 0)
      #expect(caller.call(adding: Self.both, body: short)?.body == short)
    }
    try await withEcho({ $0.compressesResponses = false }) { server, _ in
      let response = try RawCaller(server).call(adding: Self.both, body: framed)
      #expect(response?.body == uncompressed && response?["grpc-encoding"] == nil)
    }
  }

  @Test(arguments: ["snappy", "deflate", "GZIP", "gzip,gzip", "", "zstd"])
  func anotherEncodingIsUnimplementedAndOursAreNamed(encoding: String) async throws {
    try await withEcho { server, _ in
      let response = try #require(
        try RawCaller(server).call(adding: [("grpc-encoding", encoding)]))
      #expect(response.status == "12" && response.isTrailersOnly)
      #expect(response["grpc-accept-encoding"] == "identity,gzip")
      #expect(response["grpc-message"] == "The compression \(encoding) is not supported.")
    }
  }

  @Test(arguments: [nil, "identity"])
  func aCompressedMessageWithoutAnEncodingIsInternal(encoding: String?) async throws {
    try await withEcho { server, _ in
      let fields = encoding.map { [(name: "grpc-encoding", value: $0)] } ?? []
      let response = try RawCaller(server).call(adding: fields, body: Self.message(2000).framed)
      #expect(response?.status == "13" && response?.isTrailersOnly == true)
    }
  }

  @Test func bombsAreTooLongAndWhatIsNotGzipIsInternal() async throws {
    try await withEcho { server, _ in
      let bomb = try GzipTests.gzip([UInt8](repeating: 0, count: 16 << 20))
      let caller = try RawCaller(server)
      let tooLong = caller.call(adding: Self.gzip, body: Self.framed(bomb, flag: 1))
      #expect(tooLong?.status == "8")
      #expect(tooLong?["grpc-message"]?.contains("16777216 bytes") == true)
      var liar = bomb
      liar.replaceSubrange((liar.count - 4)..., with: [0, 0, 16, 0])
      let small = try GzipTests.gzip(GzipTests.text(300))
      for bad in [liar, Array(small.dropLast()), [], [1, 2, 3], small + small] {
        let response = caller.call(adding: Self.gzip, body: Self.framed(bad, flag: 1))
        #expect(["13", "8"].contains(response?.status), "\(bad.count)")
      }
      #expect(caller.call()?.status == "0")
    }
  }

  @Test func nothingIsInflatedForACallerThatIsRefused() async throws {
    try await withEcho(interceptors: [Closed()]) { server, _ in
      let corrupt = Self.framed([1, 2, 3], flag: 1)
      let response = try RawCaller(server).call(adding: Self.gzip, body: corrupt)
      #expect(response?.status == "7")
    }
  }

  @Test func aStreamMixesMessagesThatAreCompressedAndNot() async throws {
    try await withEcho { server, _ in
      let parts = try [1500, 40_000].map(Self.message)
      var body: [UInt8] = []
      for part in parts { body += part.framed + Self.framed(part.plain, flag: 0) }
      let response = try #require(
        try RawCaller(server).call(
          path: "/ndx.test.v1.EchoService/Chat", adding: Self.both, body: body))
      var reader = MessageReader(maximumBytes: 1 << 20)
      reader.acceptsGzip = true
      var messages: [ReceivedMessage] = []
      try response.body.withUnsafeBytes { try reader.read($0) { messages.append($0) } }
      let plain = try messages.map { message in
        try message.gzipLimit.map { try Gzip.decompress(message.bytes, limit: $0) } ?? message.bytes
      }
      #expect(plain == parts.flatMap { [$0.plain, $0.plain] })
      #expect(messages.allSatisfy { $0.gzipLimit != nil } && response.status == "0")
    }
  }

  @Test func ourClientCompressesAllKindsOfCalls() async throws {
    try await withEcho { server, channel in
      let options = CallOptions(compressesRequests: true)
      let text = String(decoding: GzipTests.text(30_000), as: UTF8.self)
      for count in [10, 2000, 3 << 20] {
        let request = Echo(typeURL: text, value: [UInt8](repeating: 1, count: count))
        let response = try await channel.echo(EchoMethods.echo, request, options)
        #expect(response == request)
      }
      var seen = 0
      let stream: ResponseStream<Echo> = channel.serverStreaming(
        EchoMethods.count, Echo(typeURL: "20", value: Array(text.utf8)), options)
      for try await response in stream where response.value == Array(text.utf8) { seen += 1 }
      #expect(seen == 20)
      let joined: Echo = try await channel.clientStreaming(EchoMethods.collect, options) {
        (writer: RequestWriter<Echo>) in
        for _ in 0..<3 { try await writer.write(Echo(typeURL: text)) }
      }
      #expect(joined.typeURL == text + text + text)
    }
  }

  @Test func ourClientRefusesABomb() async throws {
    let server = try await TestServer.start()
    let channel = try server.channel { $0.maximumMessageBytes = 10_000 }
    let status = await channel.failure(
      EchoMethods.echo, Echo(value: [UInt8](repeating: 0, count: 20_000)),
      CallOptions(compressesRequests: true))
    #expect(status?.code == .resourceExhausted)
    await channel.close()
    await server.stop()
  }
}

private struct Closed: ServerInterceptor {
  func before(_ context: inout CallContext) throws {
    throw RPCStatus(code: .permissionDenied, message: "closed")
  }
}
