import Model
import Testing

@testable import RPC

/// The small formats of the protocol, each against its specification.
@Suite struct WireFormTests {
  @Test func messagesAreCutOutOfAnyChunking() throws {
    let messages: [[UInt8]] = [[1, 2, 3], [], [UInt8](repeating: 9, count: 300)]
    var bytes: [UInt8] = []
    for message in messages {
      bytes += [0, 0, 0, UInt8(message.count >> 8), UInt8(message.count & 255)] + message
    }
    for size in 1...bytes.count {
      var reader = MessageReader(maximumBytes: 1000)
      var seen: [[UInt8]] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        let chunk = Array(bytes[start..<min(start + size, bytes.count)])
        try chunk.withUnsafeBytes { try reader.read($0) { seen.append($0.bytes) } }
      }
      #expect(seen == messages)
      #expect(reader.isBetweenMessages)
    }
  }

  @Test(arguments: [
    ([0, 0, 0, 3, 233], MessageFault.tooLong(announced: 1001, limit: 1000)),
    ([1, 0, 0, 0, 1], .compressed), ([7, 0, 0, 0, 1], .invalidFlag(7)),
  ])
  func aBadPrefixIsRefused(bytes: [UInt8], fault: MessageFault) {
    var reader = MessageReader(maximumBytes: 1000)
    #expect(throws: fault) { try bytes.withUnsafeBytes { try reader.read($0) { _ in } } }
  }

  @Test(arguments: [
    ("1H", Duration.seconds(3600)), ("2M", .seconds(120)), ("99999999S", .seconds(99_999_999)),
    ("150m", .milliseconds(150)), ("7u", .microseconds(7)), ("8n", .nanoseconds(8)),
    ("99999999H", .seconds(99_999_999 * 3600)), ("00000000n", .zero),
  ])
  func aTimeoutIsParsed(text: String, expected: Duration) {
    #expect(Array(text.utf8).withUnsafeBytes { GRPCTimeout.parse($0) } == expected)
  }

  @Test(arguments: ["", "S", "5", "123456789S", "-1S", "1.5S", "1s", " 1S", "1 S", "+1S"])
  func aMalformedTimeoutIsRefused(text: String) {
    #expect(Array(text.utf8).withUnsafeBytes { GRPCTimeout.parse($0) } == nil)
  }

  @Test func everyTimeoutSurvivesFormatting() {
    let times: [Duration] = [
      .nanoseconds(1), .microseconds(99_999_999), .seconds(100), .seconds(86_400),
      .seconds(1_000_000), .seconds(10_000_000_000),
    ]
    for time in times {
      let text = GRPCTimeout.format(time)
      let parsed = Array(text.utf8).withUnsafeBytes { GRPCTimeout.parse($0) }
      #expect(parsed != nil, "\(text)")
    }
    #expect(GRPCTimeout.format(.milliseconds(250)) == "250000u")
  }

  @Test(arguments: [
    "plain", "100%", "dữ liệu", "a\nb", "%41", "", " ", "  a ", "\0\u{7f}\u{10ffff}",
  ])
  func messagesSurvivePercentEncoding(text: String) {
    let encoded = PercentEncoding.encode(text)
    #expect(encoded.utf8.allSatisfy { (0x20...0x7e).contains($0) })
    #expect(!encoded.hasPrefix(" ") && !encoded.hasSuffix(" "))
    #expect(PercentEncoding.decode(encoded.utf8) == text)
  }

  @Test func aLongMessageIsCutBetweenCharacters() {
    let text = "một hai ba "
    for limit in 0...40 {
      let encoded = PercentEncoding.encode(text, limit: limit)
      #expect(encoded.utf8.count <= limit && !encoded.hasSuffix(" "))
      let decoded = PercentEncoding.decode(encoded.utf8)
      #expect(text.hasPrefix(decoded), "\(limit): \(decoded)")
    }
    #expect(PercentEncoding.encode(text, limit: 40) == "m%E1%BB%99t hai ba%20")
  }

  @Test func brokenEscapesAreKeptAndInvalidTextReplaced() {
    #expect(PercentEncoding.decode("50% off %4".utf8) == "50% off %4")
    #expect(PercentEncoding.decode("%zz%C3%28%".utf8) == "%zz\u{fffd}(%")
    #expect(PercentEncoding.decode("%e1%bb%99".utf8) == "ộ")
  }

  @Test func traceContextsAreReadStrictly() throws {
    let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    let trace = try #require(TraceContext(traceparent: text))
    #expect(trace.traceparent == text)
    let child = trace.child()
    #expect(child.traceID == trace.traceID && child.spanID != trace.spanID && child.isSampled)
    let bad = [
      "", "00", text.uppercased(), text + "-00", text.replacing("4bf9", with: "4bg9"),
      "ff" + text.dropFirst(2), "00-\(String(repeating: "0", count: 32))-00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
    ]
    for text in bad { #expect(TraceContext(traceparent: text) == nil, "\(text)") }
  }

  @Test(arguments: [
    ("vi", Language.vi), ("en-US,en;q=0.9", .en), ("fr, en;q=0.5, vi;q=0.8", .vi), ("*", nil),
    ("", nil), ("de", nil), ("en;q=0", nil),
  ])
  func theBestLanguageIsChosen(text: String, expected: Language?) {
    #expect(Language(acceptLanguage: text) == expected)
  }

  @Test func addressesAreHostAndPort() {
    #expect(ServiceAddress("localhost:80")?.serverName == "localhost")
    #expect(ServiceAddress("[::1]:80").map { [$0.host, $0.authority] } == ["::1", "[::1]:80"])
    #expect(ServiceAddress("127.0.0.1:80")?.serverName == nil)
    for text in ["", "host", "host:", ":80", "::1:80", "host:0", "host:99999", "host:x"] {
      #expect(ServiceAddress(text) == nil, "\(text)")
    }
  }

  @Test func retriesStopWhenMostCallsFail() {
    let budget = RetryBudget()
    var allowed = 0
    for _ in 0..<20 where budget.failed() { allowed += 1 }
    #expect(allowed < 5)
    for _ in 0..<100 { budget.succeeded() }
    #expect(budget.failed())
  }
}
