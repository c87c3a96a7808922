import Logging
import Testing

@testable import RPC

/// What a web server takes, in plain text behind a proxy of the same machine.
@Suite(.timeLimit(.minutes(1))) struct WebServerTests {
  private func withServer(
    maximumBodyBytes: Int?, _ body: (WebClient, Int) async throws -> Void
  ) async throws {
    var configuration = WebServerConfiguration(host: "127.0.0.1", port: 0)
    configuration.maximumBodyBytes = maximumBodyBytes
    let server = WebServer(configuration: configuration, tls: nil, logger: Logger(label: "test")) {
      request in
      guard request.method == .post else { return .refusal(404, "get \(request.path)") }
      return WebResponse(
        status: 422, contentType: "text/plain", cacheControl: "no-store", body: request.body)
    }
    let port = try await server.start()
    let client = try WebClient(WebAddress("http://127.0.0.1:\(port)"))
    do {
      try await body(client, port)
    } catch {
      Issue.record(error)
    }
    client.close()
    await server.shutdown(grace: .seconds(1))
  }

  @Test func aPostIsAnsweredWithAnyStatusOnAConnectionThatStays() async throws {
    try await withServer(maximumBodyBytes: 100) { client, _ in
      for text in ["", "one", String(repeating: "x", count: 100)] {
        let answer = try await client.post("/add", contentType: "a/b", body: Array(text.utf8))
        #expect(answer.status == 422 && answer.body == Array(text.utf8))
      }
      let got = try await client.get("/x")
      #expect(got.status == 404 && got.body == Array("get /x\n".utf8))
    }
  }

  @Test func aBodyBeyondTheLimitIsRefused() async throws {
    try await withServer(maximumBodyBytes: 100) { client, _ in
      let body = [UInt8](repeating: 0, count: 101)
      let answer = try await client.post("/add", contentType: "a/b", body: body)
      #expect(answer.status == 413)
    }
  }

  @Test func aServerThatOnlyGivesTakesNoPost() async throws {
    try await withServer(maximumBodyBytes: nil) { client, _ in
      let answer = try await client.post("/add", contentType: "a/b", body: [1])
      #expect(answer.status == 405)
    }
  }

  /// The whole conversation of a client that sends `text` and then closes its side.
  private func conversation(_ text: String, port: Int, until end: String) throws -> String {
    let connection = try PlainConnection(port: port)
    connection.send(Array(text.utf8))
    var answer: [UInt8] = []
    while let bytes = connection.read() {
      answer += bytes
      if String(decoding: answer, as: UTF8.self).contains(end) { break }
    }
    return String(decoding: answer, as: UTF8.self)
  }

  @Test func aClientThatWaitsWithItsBodyIsToldToSendIt() async throws {
    try await withServer(maximumBodyBytes: 100) { _, port in
      let head = "POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n"
      let told = try conversation(head, port: port, until: "\r\n\r\n")
      #expect(told.hasPrefix("HTTP/1.1 100 Continue\r\n"))
      let answered = try conversation(head + "hi", port: port, until: "hi")
      #expect(answered.contains("HTTP/1.1 422 "), "\(answered)")
    }
  }

  @Test func plainTextNeverLeavesTheMachine() async throws {
    let server = WebServer(
      configuration: WebServerConfiguration(host: "0.0.0.0", port: 0), tls: nil,
      logger: Logger(label: "test")
    ) { _ in .refusal(404, "nothing") }
    await #expect(throws: WebFailure.self) { try await server.start() }
  }
}
