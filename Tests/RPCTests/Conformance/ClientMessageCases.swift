import Model

/// Responses that are none, push and the end of connections, as a server may send them to our client.
enum ClientMessageCases {
  static let sections = [responses, content, interim, push, ends]

  private static let response = FieldBlock.response
  private static let malformed = Expectation.streamError(.protocolError)

  private static func malformed(_ what: String, _ fields: FieldBlock) -> ClientCase {
    ClientCase(what, malformed, call: .internal) { peer, stream in
      peer.headers(stream, fields, flags: FramePeer.endHeaders)
    }
  }

  private static let responses = ClientSection(
    "client/8.3.2", "Response fields", "RFC 9113, 8.2–8.3.2",
    [
      malformed("no `:status`", response.without(":status")),
      malformed("`:status` twice", response.first(":status", "200")),
      malformed("`:status` of two digits", response.replacing(":status", "20")),
      malformed("`:status` that is no number", response.replacing(":status", "2x0")),
      malformed("`:status` of 101", response.replacing(":status", "101")),
      malformed(
        "`:status` after a regular field", response.without(":status").with(":status", "200")),
      malformed("request's pseudo-header", response.first(":path", "/")),
      malformed("unknown pseudo-header", response.first(":test", "1")),
      malformed("name in upper case", response.with("X-TEST", "1")),
      malformed("`connection`", response.with("connection", "close")),
      malformed("`transfer-encoding`", response.with("transfer-encoding", "chunked")),
      malformed("NUL in a value", response.with("x-test", "a\0b")),
      malformed("value that ends with a space", response.with("x-test", "a ")),
    ])

  private static let content = ClientSection(
    "client/8.1", "Content and trailers", "RFC 9113, 8.1",
    [
      ClientCase(
        "DATA before HEADERS", .connectionError(.protocolError), call: .unavailable
      ) { peer, stream in peer.data(stream) },
      ClientCase("`content-length` of 1, 5 octets", malformed, call: .internal) { peer, stream in
        peer.headers(stream, response.with("content-length", "1"), flags: FramePeer.endHeaders)
        peer.data(stream)
      },
      ClientCase("`content-length` of 9, 5 octets", malformed, call: .internal) { peer, stream in
        peer.headers(stream, response.with("content-length", "9"), flags: FramePeer.endHeaders)
        peer.data(stream, flags: 0)
        peer.headers(stream, .trailers)
      },
      ClientCase("trailers without END_STREAM", malformed, call: .internal) { peer, stream in
        peer.headers(stream, response, flags: FramePeer.endHeaders)
        peer.data(stream, flags: 0)
        peer.headers(stream, .trailers, flags: FramePeer.endHeaders)
      },
      ClientCase("pseudo-header in trailers", malformed, call: .internal) { peer, stream in
        peer.headers(stream, response, flags: FramePeer.endHeaders)
        peer.data(stream, flags: 0)
        peer.headers(stream, FieldBlock.trailers.first(":status", "200"))
      },
      ClientCase("second HEADERS of a response", malformed, call: .internal) { peer, stream in
        peer.headers(stream, response, flags: FramePeer.endHeaders)
        peer.headers(stream, response, flags: FramePeer.endHeaders)
      },
      ClientCase("response that ends without trailers", .goesOn, call: .internal) { peer, stream in
        peer.headers(stream, response, flags: FramePeer.endHeaders)
        peer.data(stream)
      },
    ])

  private static let interim = ClientSection(
    "client/8.1 interim", "Interim responses", "RFC 9113, 8.1; RFC 9110, 15.2",
    [
      ClientCase("103, then the answer", .goesOn, call: .ok) { peer, stream in
        peer.headers(stream, FieldBlock(fields: [(":status", "103")]), flags: FramePeer.endHeaders)
      },
      ClientCase("100 and 103, then the answer", .goesOn, call: .ok) { peer, stream in
        peer.headers(stream, FieldBlock(fields: [(":status", "100")]), flags: FramePeer.endHeaders)
        peer.headers(stream, FieldBlock(fields: [(":status", "103")]), flags: FramePeer.endHeaders)
      },
      ClientCase("103 with END_STREAM", malformed, call: .internal) { peer, stream in
        peer.headers(stream, FieldBlock(fields: [(":status", "103")]))
      },
      ClientCase("DATA after 103", malformed, call: .internal) { peer, stream in
        peer.headers(stream, FieldBlock(fields: [(":status", "103")]), flags: FramePeer.endHeaders)
        peer.data(stream, flags: 0)
      },
    ])

  private static let push = ClientSection(
    "client/8.4", "Server push", "RFC 9113, 8.4",
    [
      ClientCase(
        "PUSH_PROMISE, which our settings forbid", .connectionError(.protocolError),
        call: .unavailable
      ) { peer, stream in
        peer.frame(
          .pushPromise, flags: FramePeer.endHeaders, stream: stream,
          FramePeer.number(2) + FieldBlock.request().bytes)
      }
    ])

  private static let ends = ClientSection(
    "client/6.4–6.8 ends", "How a server ends calls", "RFC 9113, 6.4, 6.8, 8.7",
    [
      ClientCase("RST_STREAM with REFUSED_STREAM", .goesOn, call: .unavailable) { peer, stream in
        peer.reset(stream, ErrorCode.refusedStream.rawValue)
      },
      ClientCase("RST_STREAM with CANCEL", .goesOn, call: .cancelled) { peer, stream in
        peer.reset(stream)
      },
      ClientCase("RST_STREAM with an unknown code", .goesOn, call: .internal) { peer, stream in
        peer.reset(stream, 0xff)
      },
      ClientCase("RST_STREAM with NO_ERROR within a response", .goesOn, call: .internal) {
        peer, stream in
        peer.headers(stream, response, flags: FramePeer.endHeaders)
        peer.reset(stream, 0)
      },
      ClientCase("whole answer, then RST_STREAM with NO_ERROR", .goesOn, call: .ok) {
        peer, stream in
        peer.answer(stream)
        peer.reset(stream, 0)
      },
      ClientCase("GOAWAY that includes the call, then the answer", .exactly(.closed), call: .ok) {
        peer, stream in
        peer.frame(.goAway, FramePeer.number(stream) + FramePeer.number(0))
        peer.answer(stream)
      },
      ClientCase("GOAWAY that excludes the call", .exactly(.closed), call: .unavailable) {
        peer, _ in
        peer.frame(.goAway, FramePeer.number(0) + FramePeer.number(0))
      },
      ClientCase("GOAWAY with an unknown code", .exactly(.closed), call: .unavailable) { peer, _ in
        peer.frame(.goAway, FramePeer.number(0) + FramePeer.number(0xff))
      },
      ClientCase("HTTP/1.1", .connectionError(.frameSizeError), call: .unavailable) { peer, _ in
        peer.raw(Array("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n".utf8))
      },
      ClientCase("close_notify within a response", .exactly(.closed), call: .unavailable) {
        peer, stream in
        peer.headers(stream, response, flags: FramePeer.endHeaders)
        peer.flush()
        peer.connection.endSending()
      },
    ])
}
