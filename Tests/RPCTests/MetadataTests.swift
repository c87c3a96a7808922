import Model
import Testing

@testable import RPC

/// Custom metadata (doc/PROTOCOL-HTTP2.md): what is kept, sent, refused, and how bytes travel.
@Suite struct MetadataTests {
  @Test func valuesKeepTheirOrderAndNamesTheirCase() {
    var metadata = Metadata([("X-A", "1"), ("x-b", ""), ("x-a", "2")])
    metadata.add(Metadata([("x-c", "ba")]))
    #expect(metadata["x-a"] == "1" && metadata.all("x-a") == ["1", "2"])
    #expect(metadata["x-b"] == "" && metadata["x-d"] == nil && metadata.all("x-d") == [])
    #expect(metadata.fields.map(\.name) == ["x-a", "x-b", "x-a", "x-c"])
    #expect(Metadata()["x-a"] == nil && Metadata().fields.isEmpty && Metadata().isEmpty)
  }

  @Test func bytesTravelAsUnpaddedBase64() {
    var metadata = Metadata()
    for count in 0...4 { metadata.add("x-bin", bytes: [UInt8](repeating: 0xff, count: count)) }
    #expect(metadata.all("x-bin") == ["", "/w", "//8", "////", "/////w"])
    #expect(metadata.binary("x-bin") == (0...4).map { [UInt8](repeating: 0xff, count: $0) })
  }

  @Test func bytesAreReadPaddedJoinedOrNotAtAll() {
    let metadata = Metadata([("x-bin", "/w==,//8=, AQ"), ("x-bin", "!"), ("x-text", "a,b")])
    #expect(metadata.binary("x-bin") == [[0xff], [0xff, 0xff], [1], nil])
    #expect(metadata.all("x-text") == ["a,b"])
  }

  @Test(arguments: [
    ("x_1.2-3", "!~ ~!"), ("authorization", "Bearer x"), ("x-bin", "AQ,/w=="), ("x", ""),
  ])
  func anAllowedFieldIsSent(name: String, value: String) throws {
    try MetadataRule.check(Metadata([(name, value)]))
  }

  @Test func bytesThatAProxyHasJoinedMayBeSentOn() throws {
    let received = Metadata([("x-bin", "/w==, AQ")])
    #expect(received.binary("x-bin") == [[0xff], [1]])
    try MetadataRule.check(received)
  }

  @Test(arguments: [
    ("", "a"), (":path", "/"), ("grpc-timeout", "1S"), ("grpc-own", "a"), ("te", "trailers"),
    ("content-type", "a"), ("connection", "close"), ("host", "a"), ("x y", "a"), ("x+y", "a"),
    ("dữ", "a"), ("x", "liệu"), ("x", "a\r\nb"), ("x", "\0"), ("x", " a"), ("x", "a "),
    ("x-bin", "A"), ("x-bin", "AQ,*"),
  ])
  func aFieldThatIsNotAllowedIsNotSent(name: String, value: String) async throws {
    let metadata = Metadata([("x-good", "1"), (name, value)])
    #expect(throws: RPCStatus.self) { try MetadataRule.check(metadata) }
    try await withEcho { server, channel in
      let status = await channel.failure(EchoMethods.echo, Echo(), CallOptions(metadata: metadata))
      #expect(status?.code == .internal && status?.message.hasPrefix("not allowed") == true)
    }
  }

  @Test func receivedFieldsComeBackAsHeadersAndTrailers() async throws {
    try await withEcho { server, _ in
      let sent: RawResponse.Fields = [
        ("x-a", "1"), ("x-bin", "AQ=="), ("user-agent", "test/1"), ("x-a", "2, 3"), ("x-empty", ""),
      ]
      let hidden: RawResponse.Fields = [
        ("grpc-own", "1"), ("grpc-accept-encoding", "gzip"), ("accept-language", "en"),
        ("x+plus", "1"), ("x-latin", "caf\u{e9}"), ("x-tab", "a\tb"),
        ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
      ]
      let response = try #require(
        try RawCaller(server).call(
          path: "/ndx.test.v1.EchoService/Reflect", adding: sent + hidden))
      let expected = sent.map { "\($0.name)=\($0.value)" }
      func own(_ fields: RawResponse.Fields, after count: Int) -> [String] {
        fields.dropFirst(count).map { "\($0.name)=\($0.value)" }
      }
      #expect(own(response.head, after: 2) == expected)
      #expect(own(response.trailers, after: 1) == expected)
      #expect(response.status == "0")
    }
  }

  @Test func aFailedCallCarriesItsMetadataToo() async throws {
    try await withEcho { server, _ in
      let message: [UInt8] = [0, 0, 0, 0, 3, 0x0a, 1, 0x78]
      let response = try #require(
        try RawCaller(server).call(
          path: "/ndx.test.v1.EchoService/Reflect", adding: [("x-a", "1")], body: message))
      #expect(response.status == "9" && response.body.isEmpty)
      #expect(response.head.last?.name == "x-a")
      #expect(response.trailers.contains { $0 == ("x-a", "1") })
    }
  }

  @Test func aFailedCallWithoutMetadataIsTrailersOnly() async throws {
    try await withEcho { server, _ in
      let response = try #require(
        try RawCaller(server).call(path: "/ndx.test.v1.EchoService/Fail"))
      #expect(response.status == "9" && response.isTrailersOnly)
    }
  }

  @Test func metadataThatThePeerDoesNotTakeIsLeftOut() async throws {
    try await withEcho { server, _ in
      let caller = try RawCaller(server)
      caller.raw.send(type: 4, [0, 6, 0, 0, 0, 200])
      let response = try #require(
        caller.call(
          path: "/ndx.test.v1.EchoService/Reflect",
          adding: [("x-a", String(repeating: "a", count: 150))]))
      #expect(response.status == "0" && response["x-a"] == nil)
    }
  }

  @Test func aClientKeepsWhatTheServerSays() {
    var fields = ResponseFields()
    func add(_ name: String, _ value: String) {
      Array(name.utf8).withUnsafeBytes { name in
        Array(value.utf8).withUnsafeBytes { fields.add(name: name, value: $0) }
      }
    }
    for (name, value) in [(":status", "103"), ("link", "x")] { add(name, value) }
    fields.endBlock(isLast: false)
    for (name, value) in [(":status", "200"), ("content-type", "application/grpc"), ("x-a", "1")] {
      add(name, value)
    }
    fields.endBlock(isLast: false)
    for (name, value) in [("grpc-status", "5"), ("grpc-message", "%C4%91%"), ("x-bin", "AQ")] {
      add(name, value)
    }
    fields.endBlock(isLast: true)
    #expect(fields.initialMetadata == Metadata([("x-a", "1")]))
    #expect(fields.trailingMetadata.binary("x-bin") == [[1]])
    #expect(fields.status == RPCStatus(code: .notFound, message: "đ%"))
    #expect(fields.refusal(isLast: true) == nil)
  }

  @Test(arguments: ["", "00", "017", "17", "-1", "x", "1000"])
  func aStatusThatIsNoneOfOursIsUnknown(text: String) {
    var fields = ResponseFields()
    Array("grpc-status".utf8).withUnsafeBytes { name in
      Array(text.utf8).withUnsafeBytes { fields.add(name: name, value: $0) }
    }
    #expect(fields.status?.code == .unknown)
  }
}
