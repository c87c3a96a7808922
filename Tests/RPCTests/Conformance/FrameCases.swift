/// What each type of frame must and must not look like: h2spec's http2/6.1–6.4, 6.7, 6.8 and 6.10.
enum FrameCases {
  static let sections = [data, headers, priority, reset, ping, goAway, continuation]

  private static let dummy = FieldBlock(fields: [("x-dummy", "1")]).bytes
  private static let opaque = [UInt8](repeating: 0, count: 8)

  private static let data = ConformanceSection(
    "http2/6.1", "DATA", "RFC 9113, 6.1", suite: 3,
    [
      ConformanceCase("DATA on stream 0", .connectionError(.protocolError)) { $0.data(0) },
      ConformanceCase(
        "DATA on a stream that has ended", .streamError(.streamClosed),
        ours: .connectionError(.streamClosed)
      ) {
        $0.headers(1)
        $0.data(1)
      },
      ConformanceCase("padding as long as the payload", .connectionError(.protocolError)) {
        $0.headers(1, .request().with("content-length", "4"), flags: FramePeer.endHeaders)
        $0.data(1, [6, 0x54, 0x65, 0x73, 0x74], flags: FramePeer.endStream | FramePeer.padded)
      },
      ConformanceCase(
        "padded DATA too short for its pad length",
        .connectionError(.frameSizeError, .protocolError), ours: .connectionError(.protocolError)
      ) {
        $0.open(1)
        $0.data(1, [], flags: FramePeer.endStream | FramePeer.padded)
      },
    ])

  private static let headers = ConformanceSection(
    "http2/6.2", "HEADERS", "RFC 9113, 6.2", suite: 4,
    [
      ConformanceCase("PRIORITY before the block has ended", .connectionError(.protocolError)) {
        $0.headers(1, flags: 0)
        $0.prioritize(1)
        $0.continuation(1, dummy)
      },
      ConformanceCase(
        "HEADERS of another stream before the block has ended", .connectionError(.protocolError)
      ) {
        $0.headers(1, flags: 0)
        $0.headers(3)
        $0.continuation(1, dummy)
      },
      ConformanceCase("HEADERS on stream 0", .connectionError(.protocolError)) { $0.headers(0) },
      ConformanceCase("padding longer than the block", .connectionError(.protocolError)) {
        $0.headers(1, [255] + dummy, flags: FramePeer.last | FramePeer.padded)
      },
      ConformanceCase("HEADERS too short for its priority", .connectionError(.frameSizeError)) {
        $0.headers(1, [0, 0], flags: FramePeer.last | FramePeer.priority)
      },
    ])

  private static let priority = ConformanceSection(
    "http2/6.3", "PRIORITY", "RFC 9113, 6.3",
    [
      ConformanceCase("PRIORITY on stream 0", .connectionError(.protocolError)) {
        $0.prioritize(0)
      },
      ConformanceCase(
        "PRIORITY of four octets", .streamError(.frameSizeError),
        ours: .connectionError(.frameSizeError)
      ) {
        $0.open(1)
        $0.frame(.priority, stream: 1, [0, 0, 0, 0])
      },
    ])

  private static let reset = ConformanceSection(
    "http2/6.4", "RST_STREAM", "RFC 9113, 6.4",
    [
      ConformanceCase("RST_STREAM on stream 0", .connectionError(.protocolError)) { $0.reset(0) },
      ConformanceCase("RST_STREAM on an idle stream", .connectionError(.protocolError)) {
        $0.reset(1)
      },
      ConformanceCase("RST_STREAM of three octets", .connectionError(.frameSizeError)) {
        $0.open(1)
        $0.frame(.reset, stream: 1, [0, 0, 0])
      },
    ])

  private static let ping = ConformanceSection(
    "http2/6.7", "PING", "RFC 9113, 6.7",
    [
      ConformanceCase("PING", .goesOn) { $0.frame(.ping, opaque) },
      ConformanceCase("PING with ACK that nobody asked for", .goesOn) {
        $0.frame(.ping, flags: FramePeer.acknowledgement, opaque)
      },
      ConformanceCase("PING on a stream", .connectionError(.protocolError)) {
        $0.frame(.ping, stream: 1, opaque)
      },
      ConformanceCase("PING of six octets", .connectionError(.frameSizeError)) {
        $0.frame(.ping, [0, 0, 0, 0, 0, 0])
      },
    ])

  private static let goAway = ConformanceSection(
    "http2/6.8", "GOAWAY", "RFC 9113, 6.8", suite: 1,
    [
      ConformanceCase("GOAWAY on a stream", .connectionError(.protocolError)) {
        $0.frame(.goAway, stream: 1, opaque)
      },
      ConformanceCase("GOAWAY of seven octets", .connectionError(.frameSizeError)) {
        $0.frame(.goAway, [0, 0, 0, 0, 0, 0, 0])
      },
      ConformanceCase("GOAWAY while a request is open, then its message", .response) {
        $0.open(1)
        $0.frame(.goAway, opaque)
        $0.data(1)
      },
      ConformanceCase(
        "GOAWAY whose last stream grows", .connectionError(.protocolError)
      ) {
        $0.open(1, "Hang")
        $0.frame(.goAway, FramePeer.number(0) + FramePeer.number(0))
        $0.frame(.goAway, FramePeer.number(2) + FramePeer.number(0))
      },
    ])

  private static let continuation = ConformanceSection(
    "http2/6.10", "CONTINUATION", "RFC 9113, 6.10", suite: 6,
    [
      ConformanceCase("several CONTINUATIONs after HEADERS", .response) {
        $0.headers(1, flags: FramePeer.endStream)
        $0.continuation(1, dummy, flags: 0)
        $0.continuation(1, dummy)
      },
      ConformanceCase("CONTINUATION, then another frame", .connectionError(.protocolError)) {
        $0.headers(1, flags: 0)
        $0.continuation(1, dummy, flags: 0)
        $0.data(1)
      },
      ConformanceCase("CONTINUATION on stream 0", .connectionError(.protocolError)) {
        $0.headers(1, flags: FramePeer.endStream)
        $0.continuation(0, dummy)
      },
      ConformanceCase("CONTINUATION after a block that has ended", .connectionError(.protocolError))
      {
        $0.headers(1, flags: FramePeer.endHeaders)
        $0.continuation(1, dummy)
      },
      ConformanceCase(
        "CONTINUATION after a CONTINUATION that ended the block", .connectionError(.protocolError)
      ) {
        $0.headers(1, flags: 0)
        $0.continuation(1, dummy)
        $0.continuation(1, dummy)
      },
      ConformanceCase("CONTINUATION after DATA", .connectionError(.protocolError)) {
        $0.open(1)
        $0.data(1, flags: 0)
        $0.continuation(1, dummy)
      },
      ConformanceCase("CONTINUATION of another stream", .connectionError(.protocolError)) {
        $0.headers(1, flags: 0)
        $0.continuation(3, dummy)
      },
    ])
}
