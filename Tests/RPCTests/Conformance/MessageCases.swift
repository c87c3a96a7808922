/// HTTP's messages in HTTP/2: h2spec's http2/8, and what RFC 9113 says beyond RFC 7540.
enum MessageCases {
  static let sections = [
    exchange, fields, pseudoFields, connectionFields, requestFields, malformed, push, values,
    moreRequests, connect,
  ]

  /// A whole request of these fields.
  private static func sent(_ fields: FieldBlock) -> @Sendable (FramePeer) -> Void {
    { $0.headers(1, fields) }
  }

  private static let request = FieldBlock.request()
  private static let malformedRequest = Expectation.streamError(.protocolError)

  private static let exchange = ConformanceSection(
    "http2/8.1", "Exchanges", "RFC 9113, 8.1",
    [
      ConformanceCase("trailers without END_STREAM", malformedRequest) {
        $0.open(1)
        $0.data(1, [0, 0, 0, 0], flags: 0)
        $0.headers(1, FieldBlock(fields: [("x-test", "ok")]), flags: FramePeer.endHeaders)
      }
    ])

  private static let fields = ConformanceSection(
    "http2/8.1.2", "Field names", "RFC 9113, 8.2.1",
    [ConformanceCase("name in upper case", malformedRequest, sent(request.with("X-TEST", "ok")))])

  private static let pseudoFields = ConformanceSection(
    "http2/8.1.2.1", "Pseudo-header fields", "RFC 9113, 8.3",
    [
      ConformanceCase(
        "unknown pseudo-header", malformedRequest, sent(request.first(":test", "ok"))),
      ConformanceCase(
        "`:status` in a request", malformedRequest, sent(request.first(":status", "200"))),
      ConformanceCase("pseudo-header in trailers", malformedRequest) {
        $0.open(1)
        $0.data(1, flags: 0)
        $0.headers(1, FieldBlock(fields: [(":method", "200")]))
      },
      ConformanceCase(
        "pseudo-header after a regular field", malformedRequest,
        sent(request.without(":path").with(":path", "/x"))),
    ])

  private static let connectionFields = ConformanceSection(
    "http2/8.1.2.2", "Connection-specific fields", "RFC 9113, 8.2.2", suite: 2,
    [
      ConformanceCase(
        "`connection`", malformedRequest, sent(request.with("connection", "keep-alive"))),
      ConformanceCase(
        "`te` with more than trailers", malformedRequest,
        sent(request.replacing("te", "trailers, deflate"))),
      ConformanceCase(
        "`proxy-connection`", malformedRequest, sent(request.with("proxy-connection", "close"))),
      ConformanceCase("`keep-alive`", malformedRequest, sent(request.with("keep-alive", "5"))),
      ConformanceCase(
        "`transfer-encoding`", malformedRequest, sent(request.with("transfer-encoding", "chunked"))),
      ConformanceCase("`upgrade`", malformedRequest, sent(request.with("upgrade", "h2c"))),
    ])

  private static let requestFields = ConformanceSection(
    "http2/8.1.2.3", "Request pseudo-header fields", "RFC 9113, 8.3.1",
    [
      ConformanceCase("empty `:path`", malformedRequest, sent(request.replacing(":path", ""))),
      ConformanceCase("no `:method`", malformedRequest, sent(request.without(":method"))),
      ConformanceCase("no `:scheme`", malformedRequest, sent(request.without(":scheme"))),
      ConformanceCase("no `:path`", malformedRequest, sent(request.without(":path"))),
      ConformanceCase("`:method` twice", malformedRequest, sent(request.first(":method", "POST"))),
      ConformanceCase("`:scheme` twice", malformedRequest, sent(request.first(":scheme", "https"))),
      ConformanceCase("`:path` twice", malformedRequest, sent(request.first(":path", "/x"))),
    ])

  private static let malformed = ConformanceSection(
    "http2/8.1.2.6", "Content length", "RFC 9113, 8.1.1", suite: 2,
    [
      ConformanceCase("`content-length` of 1, 5 octets in one DATA frame", malformedRequest) {
        $0.headers(1, request.with("content-length", "1"), flags: FramePeer.endHeaders)
        $0.data(1)
      },
      ConformanceCase("`content-length` of 1, 5 octets in two DATA frames", malformedRequest) {
        $0.headers(1, request.with("content-length", "1"), flags: FramePeer.endHeaders)
        $0.data(1, [0], flags: 0)
        $0.data(1, [0, 0, 0, 0])
      },
      ConformanceCase("`content-length` of 9, 5 octets", malformedRequest) {
        $0.headers(1, request.with("content-length", "9"), flags: FramePeer.endHeaders)
        $0.data(1)
      },
      ConformanceCase("`content-length` of 5, no content", malformedRequest) {
        $0.headers(1, request.with("content-length", "5"))
      },
      ConformanceCase(
        "`content-length` that is no number", malformedRequest,
        sent(request.with("content-length", "five"))),
      ConformanceCase("`content-length` twice", malformedRequest) {
        let twice = request.with("content-length", "5").with("content-length", "5")
        $0.headers(1, twice, flags: FramePeer.endHeaders)
        $0.data(1)
      },
    ])

  private static let push = ConformanceSection(
    "http2/8.2", "Server push", "RFC 9113, 8.4",
    [
      ConformanceCase("PUSH_PROMISE from a client", .connectionError(.protocolError)) {
        $0.open(1)
        $0.frame(
          .pushPromise, flags: FramePeer.endHeaders, stream: 1,
          FramePeer.number(3) + request.bytes)
      }
    ])

  private static let values = ConformanceSection(
    "rfc9113/8.2.1", "Field validity", "RFC 9113, 8.2.1", suite: 0,
    [
      ("space in a name", "x test", "ok"), ("DEL in a name", "x-\u{7f}", "ok"),
      ("control character in a name", "x-\u{1}", "ok"), ("octet above 0x7f in a name", "x-é", "ok"),
      ("colon within a name", "x:test", "ok"), ("empty name", "", "ok"),
      ("NUL in a value", "x-test", "a\0b"), ("LF in a value", "x-test", "a\nb"),
      ("CR in a value", "x-test", "a\rb"), ("value that begins with a space", "x-test", " ok"),
      ("value that ends with a space", "x-test", "ok "),
      ("value that begins with a tab", "x-test", "\tok"),
      ("value that ends with a tab", "x-test", "ok\t"),
    ].map { ConformanceCase($0.0, malformedRequest, sent(request.with($0.1, $0.2))) } + [
      ConformanceCase(
        "spaces and tabs within a value", .response, sent(request.with("x-test", "a \tb"))),
      ConformanceCase("empty value", .response, sent(request.with("x-test", ""))),
      ConformanceCase(
        "octets above 0x7f in a value", .response, sent(request.with("x-test", "dữ liệu"))),
      ConformanceCase("name in upper case in trailers", malformedRequest) {
        $0.open(1)
        $0.data(1, [0, 0], flags: 0)
        $0.headers(1, FieldBlock(fields: [("X-Test", "ok")]))
      },
      ConformanceCase("`connection` in trailers", malformedRequest) {
        $0.open(1)
        $0.data(1, [0, 0], flags: 0)
        $0.headers(1, FieldBlock(fields: [("connection", "close")]))
      },
    ])

  private static let moreRequests = ConformanceSection(
    "rfc9113/8.3.1", "Request targets", "RFC 9113, 8.3.1", suite: 0,
    [
      ConformanceCase(
        "`:path` that does not begin with a slash", malformedRequest,
        sent(request.replacing(":path", "ndx.test.v1.EchoService/Echo"))),
      ConformanceCase(
        "`*` as `:path` of a POST", malformedRequest, sent(request.replacing(":path", "*"))),
      ConformanceCase(
        "`:method` that is no token", malformedRequest, sent(request.replacing(":method", "PO ST"))),
      ConformanceCase("empty `:method`", malformedRequest, sent(request.replacing(":method", ""))),
      ConformanceCase(
        "`:authority` with a space", malformedRequest, sent(request.replacing(":authority", "a b"))),
      ConformanceCase(
        "neither `:authority` nor `host`", malformedRequest, sent(request.without(":authority"))),
      ConformanceCase(
        "`host` instead of `:authority`", .response,
        sent(request.without(":authority").with("host", "test"))),
      ConformanceCase(
        "`host` twice", malformedRequest,
        sent(request.without(":authority").with("host", "a").with("host", "b"))),
    ])

  private static let connect = ConformanceSection(
    "rfc9113/8.5", "CONNECT", "RFC 9113, 8.5", suite: 0,
    [
      ConformanceCase(
        "CONNECT (answered 405)", .response,
        sent(FieldBlock(fields: [(":method", "CONNECT"), (":authority", "test:443")]))),
      ConformanceCase(
        "CONNECT with `:scheme` and `:path`", malformedRequest,
        sent(request.replacing(":method", "CONNECT"))),
      ConformanceCase(
        "CONNECT without `:authority`", malformedRequest,
        sent(FieldBlock(fields: [(":method", "CONNECT")]))),
      ConformanceCase(
        "`:protocol` that we have not enabled", malformedRequest,
        sent(request.replacing(":method", "CONNECT").first(":protocol", "websocket"))),
    ])
}
