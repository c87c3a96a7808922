import Foundation
import Logging
import Testing

@testable import RPC

/// What a web client takes for an answer, and what it does not.
@Suite(.timeLimit(.minutes(1))) struct WebClientTests {
  private typealias Script = @Sendable (RawConnection) throws -> Void

  private static let ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"

  /// Answers one request and keeps the connection until the client ends it.
  private func outcome(
    of answer: String, thenCloses closes: Bool = true,
    _ configure: (inout WebClientConfiguration) -> Void = { _ in }
  ) async throws -> Result<WebAnswer, WebFailure> {
    let server = try ScriptedWebServer()
    let client = try server.client(configure)
    async let played: Void = server.play([
      { connection in
        _ = connection.requestHead()
        connection.send(answer)
        if !closes { _ = connection.bytes(1) }
      }
    ])
    let outcome = try await Self.result { try await client.get("/x") }
    client.close()
    try await played
    return outcome
  }

  private static func result(
    _ call: () async throws -> WebAnswer
  ) async throws -> Result<WebAnswer, WebFailure> {
    do {
      return .success(try await call())
    } catch let failure as WebFailure {
      return .failure(failure)
    }
  }

  @Test func requestsShareAConnectionAndSayWhatTheyAre() async throws {
    let server = try ScriptedWebServer()
    let client = try server.client()
    async let played: Void = server.play([
      { connection in
        let get = connection.requestHead()
        #expect(get?.hasPrefix("GET /log/checkpoint HTTP/1.1\r\n") == true)
        #expect(get?.contains("host: 127.0.0.1:\(server.listener.port)\r\n") == true)
        connection.send(Self.ok)
        let post = connection.requestHead()
        #expect(post?.hasPrefix("POST /log/add HTTP/1.1\r\n") == true)
        #expect(post?.contains("content-length: 4\r\n") == true)
        #expect(connection.bytes(4) == Array("body".utf8))
        connection.send(
          "HTTP/1.1 409 Conflict\r\ncontent-type: text/x.tlog.size\r\ntransfer-encoding: chunked\r\n\r\n"
            + "1\r\n4\r\n1\r\n2\r\n0\r\n\r\n")
      }
    ])
    let got = try await client.get("/checkpoint")
    #expect(got.status == 200 && got.body == Array("hi".utf8))
    let posted = try await client.post("/add", contentType: "text/plain", body: Array("body".utf8))
    #expect(posted.status == 409 && posted.body == Array("42".utf8))
    #expect(posted.contentType == "text/x.tlog.size")
    client.close()
    try await played
  }

  @Test func aRedirectIsAnAnswerAndIsNotFollowed() async throws {
    let answer = try await outcome(
      of: "HTTP/1.1 302 Found\r\nlocation: https://127.0.0.1/y\r\nretry-after: 7\r\n"
        + "content-length: 0\r\n\r\n"
    ).get()
    #expect(answer.status == 302 && answer.retryAfterSeconds == 7)
  }

  @Test(arguments: [
    "", "HTTP/1.1 200 OK\r\ncontent-le", "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nhi",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n",
  ])
  func aTruncatedAnswerIsNone(_ answer: String) async throws {
    let outcome = try await outcome(of: answer)
    #expect(outcome == .failure(.ended))
  }

  @Test(arguments: [
    "HTTP/1.1 200 OK\r\n\r\nhi", "SSH-2.0-x\r\n\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nhi",
    "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\nhi",
  ])
  func whatIsNotAnAnswerOfToldLengthIsRefused(_ answer: String) async throws {
    guard case .failure(.malformed) = try await outcome(of: answer) else {
      Issue.record("taken: \(answer)")
      return
    }
  }

  @Test(arguments: [20_000, 200_000])
  func aLongHeadIsNotRead(_ count: Int) async throws {
    let field = "x: \(String(repeating: "y", count: count))\r\n"
    let outcome = try await outcome(
      of: "HTTP/1.1 200 OK\r\n\(field)content-length: 2\r\n\r\nhi", thenCloses: false)
    #expect(outcome == .failure(.tooLong("head")))
  }

  @Test(arguments: [
    "content-length: 11\r\n\r\n", "transfer-encoding: chunked\r\n\r\n6\r\nsixsix\r\n5\r\nfiver\r\n",
  ])
  func aLongBodyIsNotRead(_ rest: String) async throws {
    let outcome = try await outcome(of: "HTTP/1.1 200 OK\r\n\(rest)", thenCloses: false) {
      $0.maximumBodyBytes = 10
    }
    #expect(outcome == .failure(.tooLong("body")))
  }

  @Test func aSlowAnswerIsGivenUp() async throws {
    let outcome = try await outcome(
      of: "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nh", thenCloses: false
    ) { $0.requestTimeout = .milliseconds(200) }
    #expect(outcome == .failure(.timedOut))
  }

  @Test func aServerThatNeverShakesHandsIsUnreachable() async throws {
    let listener = try PlainListener()
    var configuration = WebClientConfiguration()
    configuration.connectTimeout = .milliseconds(200)
    let client = try WebClient(
      WebAddress("https://127.0.0.1:\(listener.port)"), configuration: configuration)
    guard case .failure(.unreachable) = try await Self.result({ try await client.get("/") }) else {
      Issue.record("it answered")
      return
    }
  }

  @Test func nobodyThereIsUnreachable() async throws {
    let port = try PlainListener().port
    let client = try WebClient(WebAddress("https://127.0.0.1:\(port)"))
    guard case .failure(.unreachable) = try await Self.result({ try await client.get("/") }) else {
      Issue.record("it answered")
      return
    }
  }

  /// The connection ends as the second request arrives, with nothing of an answer.
  private static let closesAtTheSecond: Script = { connection in
    _ = connection.requestHead()
    connection.send(ok)
    _ = connection.requestHead()
  }

  @Test func aGetOnAConnectionThatTheServerClosedIsMadeOnceMore() async throws {
    let server = try ScriptedWebServer()
    let client = try server.client()
    async let played: Void = server.play([
      Self.closesAtTheSecond,
      { connection in
        _ = connection.requestHead()
        connection.send(Self.ok)
      },
    ])
    _ = try await client.get("/1")
    let second = try await client.get("/2")
    #expect(second.status == 200)
    client.close()
    try await played
  }

  @Test func aGetIsMadeTwiceAtMost() async throws {
    let server = try ScriptedWebServer()
    let client = try server.client()
    async let played: Void = server.play([Self.closesAtTheSecond, { _ = $0.requestHead() }])
    _ = try await client.get("/1")
    let second = try await Self.result { try await client.get("/2") }
    #expect(second == .failure(.ended))
    try await played
  }

  @Test func aPostIsNotMadeAgain() async throws {
    let server = try ScriptedWebServer()
    let client = try server.client()
    async let played: Void = server.play([Self.closesAtTheSecond])
    _ = try await client.get("/1")
    let second = try await Self.result {
      try await client.post("/2", contentType: "text/plain", body: [1])
    }
    #expect(second == .failure(.ended))
    try await played
  }

  @Test func aCancelledRequestEndsAtOnce() async throws {
    let server = try ScriptedWebServer()
    let client = try server.client()
    let (asked, ask) = AsyncStream.makeStream(of: Void.self)
    async let played: Void = server.play([
      { connection in
        _ = connection.requestHead()
        ask.finish()
        _ = connection.bytes(1)
      }
    ])
    let request = Task { try await Self.result { try await client.get("/") } }
    for await _ in asked {}
    request.cancel()
    let outcome = try await request.value
    #expect(outcome == .failure(.ended))
    try await played
  }

  @Test(arguments: [
    "https://log.example", "https://log.example:8443/a/b", "https://[::1]:1", "http://127.0.0.1:80",
    "http://localhost:7406/log", "http://[::1]",
  ])
  func anAddressIsWhatItSays(_ text: String) throws {
    let address = try WebAddress(text)
    #expect(address.description == text.replacing("127.0.0.1:80", with: "127.0.0.1"))
  }

  @Test(arguments: [
    "", "log.example", "ftp://log.example", "http://log.example", "http://10.0.0.1", "https://",
    "https://a b", "https://a:0", "https://a:70000", "https://u@a", "https://a?q", "https://a#f",
    "http://127.0.0.1.example", "https://a_b", "https://a/\r\nx",
  ])
  func anAddressOfAnotherKindIsRefused(_ text: String) {
    #expect(throws: WebFailure.badAddress(text)) { try WebAddress(text) }
  }
}
