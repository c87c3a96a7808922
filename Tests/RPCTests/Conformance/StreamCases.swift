/// States and ids of streams: h2spec's http2/5.1–5.3.
enum StreamCases {
  static let sections = [idle, halfClosed, reset, closed, ids, concurrency, dependencies]

  private static let dummy = FieldBlock(fields: [("x-dummy", "1")])

  private static let idle = ConformanceSection(
    "http2/5.1 idle", "Idle streams", "RFC 9113, 5.1",
    [
      ConformanceCase("DATA", .connectionError(.protocolError)) { $0.data(1) },
      ConformanceCase("RST_STREAM", .connectionError(.protocolError)) { $0.reset(1) },
      ConformanceCase("WINDOW_UPDATE", .connectionError(.protocolError)) {
        $0.windowUpdate(1, 100)
      },
      ConformanceCase("CONTINUATION", .connectionError(.protocolError)) {
        $0.continuation(1, FieldBlock.request().bytes)
      },
    ])

  /// The handler hangs, so that the stream stays half-closed.
  private static let halfClosed = ConformanceSection(
    "http2/5.1 half-closed (remote)", "Half-closed streams", "RFC 9113, 5.1",
    [
      ConformanceCase(
        "DATA", .streamError(.streamClosed), ours: .connectionError(.streamClosed)
      ) {
        $0.request(1, "Hang")
        $0.data(1)
      },
      ConformanceCase(
        "HEADERS", .streamError(.streamClosed), ours: .connectionError(.streamClosed)
      ) {
        $0.request(1, "Hang")
        $0.headers(1)
      },
      ConformanceCase(
        "CONTINUATION", .streamError(.streamClosed, .protocolError),
        ours: .connectionError(.protocolError)
      ) {
        $0.request(1, "Hang")
        $0.continuation(1, dummy.bytes)
      },
    ])

  private static let reset = ConformanceSection(
    "http2/5.1 reset by the peer", "Streams that their client has reset", "RFC 9113, 5.1",
    [
      ConformanceCase(
        "DATA", .streamError(.streamClosed), ours: .connectionError(.streamClosed)
      ) {
        $0.open(1)
        $0.reset(1)
        $0.data(1)
      },
      ConformanceCase(
        "HEADERS", .streamError(.streamClosed), ours: .connectionError(.streamClosed)
      ) {
        $0.open(1)
        $0.reset(1)
        $0.headers(1)
      },
      ConformanceCase(
        "CONTINUATION", .streamError(.streamClosed, .protocolError),
        ours: .connectionError(.protocolError)
      ) {
        $0.open(1)
        $0.reset(1)
        $0.continuation(1, dummy.bytes)
      },
    ])

  private static let closed = ConformanceSection(
    "http2/5.1 closed", "Streams that both sides have ended", "RFC 9113, 5.1", suite: 3,
    [
      ConformanceCase("DATA", .connectionError(.streamClosed)) {
        $0.request(1)
        $0.waitForEnd(of: 1)
        $0.data(1)
      },
      ConformanceCase("HEADERS", .connectionError(.streamClosed)) {
        $0.request(1)
        $0.waitForEnd(of: 1)
        $0.headers(1)
      },
      ConformanceCase(
        "CONTINUATION", .connectionError(.streamClosed, .protocolError),
        ours: .connectionError(.protocolError)
      ) {
        $0.request(1)
        $0.waitForEnd(of: 1)
        $0.continuation(1, dummy.bytes)
      },
      ConformanceCase("WINDOW_UPDATE, which may have crossed the end", .goesOn) {
        $0.request(1)
        $0.waitForEnd(of: 1)
        $0.windowUpdate(1, 1)
      },
      ConformanceCase("RST_STREAM, which may have crossed the end", .goesOn) {
        $0.request(1)
        $0.waitForEnd(of: 1)
        $0.reset(1)
      },
      ConformanceCase("DATA on a stream that the server has reset", .goesOn) {
        $0.open(1, "Nothing")
        $0.waitForEnd(of: 1)
        $0.data(1)
      },
      ConformanceCase("trailers on a stream that the server has reset", .goesOn) {
        $0.open(1, "Nothing")
        $0.waitForEnd(of: 1)
        $0.headers(1, dummy)
      },
    ])

  private static let ids = ConformanceSection(
    "http2/5.1.1", "Stream identifiers", "RFC 9113, 5.1.1", suite: 2,
    [
      ConformanceCase("request on an even stream", .connectionError(.protocolError)) {
        $0.headers(2)
      },
      ConformanceCase(
        "request on a stream below the last one", .connectionError(.protocolError)
      ) {
        $0.headers(5)
        $0.waitForEnd(of: 5)
        $0.headers(3)
      },
      ConformanceCase("DATA on a stream that was skipped", .connectionError(.protocolError)) {
        $0.headers(5)
        $0.waitForEnd(of: 5)
        $0.data(3)
      },
      ConformanceCase("request on the last stream there can be", .response) {
        $0.headers(0x7fff_ffff)
      },
    ])

  private static let concurrency = ConformanceSection(
    "http2/5.1.2", "Stream concurrency", "RFC 9113, 5.1.2", suite: 1,
    [
      ConformanceCase(
        "one stream more than SETTINGS_MAX_CONCURRENT_STREAMS",
        .streamError(.refusedStream, .protocolError), ours: .connectionError(.protocolError)
      ) { peer in
        for index: UInt32 in 0...256 { peer.open(index * 2 + 1) }
      },
      ConformanceCase(
        "the same before SETTINGS are acknowledged, then DATA and trailers on the refused stream",
        .streamError(.refusedStream), isBare: true
      ) { peer in
        peer.raw(RawConnection.preface)
        peer.settings()
        for index: UInt32 in 0...256 { peer.open(index * 2 + 1) }
        peer.data(513, flags: 0)
        peer.headers(513, dummy)
      },
    ])

  private static let dependencies = ConformanceSection(
    "http2/5.3.1", "Stream dependencies", "RFC 7540, 5.3.1; RFC 9113, 5.3.2",
    [
      ConformanceCase(
        "HEADERS that depend on their own stream", .streamError(.protocolError),
        ours: .connectionError(.protocolError)
      ) {
        let block = FieldBlock.request().bytes
        $0.headers(1, [0, 0, 0, 1, 255] + block, flags: FramePeer.last | FramePeer.priority)
      },
      ConformanceCase(
        "PRIORITY that depends on its own stream", .streamError(.protocolError),
        ours: .connectionError(.protocolError)
      ) {
        $0.prioritize(1, after: 1)
      },
    ])
}
