/// What every server must accept: h2spec's generic suite.
enum GenericCases {
  static let sections = [starting, streams, data, headers, priority, control, windows, messages]

  private static let starting = ConformanceSection(
    "generic/1", "Starting HTTP/2", "RFC 9113, 3.4",
    [ConformanceCase("connection preface, then a request", .response) { $0.request(1) }])

  private static let streams = ConformanceSection(
    "generic/2", "Streams and multiplexing", "RFC 9113, 5.1",
    [
      ConformanceCase("PRIORITY on an idle stream", .goesOn) { $0.prioritize(1) },
      ConformanceCase("WINDOW_UPDATE on a half-closed (remote) stream", .data(1)) {
        $0.settings((4, 0))
        $0.request(1)
        $0.windowUpdate(1, 1)
      },
      ConformanceCase("PRIORITY on a half-closed (remote) stream", .data(1)) {
        $0.settings((4, 0))
        $0.request(1)
        $0.prioritize(1)
        $0.windowUpdate(1, 1)
      },
      ConformanceCase("RST_STREAM on a half-closed (remote) stream", .goesOnOrCloses) {
        $0.request(1, "Hang")
        $0.reset(1)
      },
      ConformanceCase("PRIORITY on a closed stream", .goesOn) {
        $0.request(1)
        $0.waitForEnd(of: 1)
        $0.prioritize(1)
      },
    ])

  private static let data = ConformanceSection(
    "generic/3.1", "DATA", "RFC 9113, 6.1",
    [
      ConformanceCase("one DATA frame", .response) { $0.request(1) },
      ConformanceCase("several DATA frames", .response) {
        $0.open(1)
        $0.data(1, [0, 0], flags: 0)
        $0.data(1, [0, 0, 0])
      },
      ConformanceCase("DATA with padding", .response) {
        $0.open(1)
        $0.data(1, [8] + FramePeer.message + [UInt8](repeating: 0, count: 8), flags: 9)
      },
    ])

  private static let headers = ConformanceSection(
    "generic/3.2", "HEADERS", "RFC 9113, 6.2",
    [
      ConformanceCase("HEADERS", .response) { $0.headers(1) },
      ConformanceCase("HEADERS with padding", .response) {
        let block = FieldBlock.request().bytes
        $0.headers(1, [4] + block + [0, 0, 0, 0], flags: FramePeer.last | FramePeer.padded)
      },
      ConformanceCase("HEADERS with priority", .response) {
        let block = FieldBlock.request().bytes
        $0.headers(1, [0, 0, 0, 0, 255] + block, flags: FramePeer.last | FramePeer.priority)
      },
    ])

  private static let priority = ConformanceSection(
    "generic/3.3", "PRIORITY", "RFC 9113, 6.3",
    [
      ConformanceCase("PRIORITY with weight 1", .response) {
        $0.prioritize(1, weight: 0)
        $0.request(1)
      },
      ConformanceCase("PRIORITY with weight 256", .response) {
        $0.prioritize(1, weight: 255)
        $0.request(1)
      },
      ConformanceCase("PRIORITY with a dependency", .response) {
        $0.prioritize(3, after: 1, weight: 0)
        $0.request(1)
      },
      ConformanceCase("exclusive PRIORITY", .response) {
        $0.prioritize(1, isExclusive: true, weight: 0)
        $0.request(1)
      },
      ConformanceCase("PRIORITY of an idle stream, then a request on a lower one", .response) {
        $0.prioritize(3)
        $0.request(1)
      },
    ])

  private static let control = ConformanceSection(
    "generic/3.4–3.8", "RST_STREAM, SETTINGS, PING, GOAWAY", "RFC 9113, 6.4–6.8",
    [
      ConformanceCase("RST_STREAM", .goesOn) {
        $0.open(1)
        $0.reset(1)
      },
      ConformanceCase("SETTINGS", .exactly(.settingsAcknowledged)) { $0.settings() },
      ConformanceCase("PING", .goesOn) { $0.frame(.ping, [UInt8](repeating: 7, count: 8)) },
      ConformanceCase("GOAWAY", .goesOnOrCloses, ours: .closed) {
        $0.frame(.goAway, [UInt8](repeating: 0, count: 8))
      },
    ])

  private static let windows = ConformanceSection(
    "generic/3.9–3.10", "WINDOW_UPDATE, CONTINUATION", "RFC 9113, 6.9–6.10",
    [
      ConformanceCase("WINDOW_UPDATE of the connection", .goesOn) { $0.windowUpdate(0, 1) },
      ConformanceCase("WINDOW_UPDATE of a stream", .data(1)) {
        $0.settings((4, 0))
        $0.request(1)
        $0.windowUpdate(1, 1)
      },
      ConformanceCase("one CONTINUATION", .response) {
        $0.headers(1, flags: FramePeer.endStream)
        $0.continuation(1, FieldBlock(fields: [("x-dummy", "1")]).bytes)
      },
      ConformanceCase("several CONTINUATIONs", .response) {
        $0.headers(1, flags: FramePeer.endStream)
        $0.continuation(1, FieldBlock(fields: [("x-dummy", "1")]).bytes, flags: 0)
        $0.continuation(1, FieldBlock(fields: [("x-dummy", "2")]).bytes)
      },
    ])

  private static let messages = ConformanceSection(
    "generic/4", "Requests", "RFC 9113, 8.1",
    [
      ConformanceCase("GET (answered 405)", .response) {
        $0.headers(1, .request().replacing(":method", "GET"))
      },
      ConformanceCase("HEAD (answered 405)", .response) {
        $0.headers(1, .request().replacing(":method", "HEAD"))
      },
      ConformanceCase("POST", .response) { $0.request(1) },
      ConformanceCase("POST with trailers", .response) {
        $0.headers(1, .request().with("trailer", "x-test"), flags: FramePeer.endHeaders)
        $0.data(1, flags: 0)
        $0.headers(1, FieldBlock(fields: [("x-test", "ok")]))
      },
    ])
}
