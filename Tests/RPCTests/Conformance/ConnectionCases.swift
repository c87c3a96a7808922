/// Starting a connection, frames as such, errors of the connection: h2spec's http2/3–4, 5.4–5.5 and 7.
enum ConnectionCases {
  static let sections = [preface, format, size, compression, errors, extensions, codes]

  private static let preface = ConformanceSection(
    "http2/3.5", "Connection preface", "RFC 9113, 3.4", suite: 2,
    [
      ConformanceCase("preface: SETTINGS are the first answer", .exactly(.settings), isBare: true) {
        $0.raw(RawConnection.preface)
        $0.settings((4, 65535))
      },
      ConformanceCase("another preface", .exactly(.closed), isBare: true) {
        $0.raw(Array("INVALID CONNECTION PREFACE\r\n\r\n".utf8))
      },
      ConformanceCase(
        "preface without SETTINGS after it", .connectionError(.protocolError), isBare: true
      ) {
        $0.raw(RawConnection.preface)
        $0.frame(.ping, [UInt8](repeating: 0, count: 8))
      },
      ConformanceCase("preface a second time", .connectionError(.frameSizeError)) {
        $0.raw(RawConnection.preface)
      },
    ])

  private static let format = ConformanceSection(
    "http2/4.1", "Frame format", "RFC 9113, 4.1", suite: 3,
    [
      ConformanceCase("frame of unknown type", .goesOn) {
        $0.frame(0x16, [UInt8](repeating: 0, count: 8))
      },
      ConformanceCase("PING with undefined flags", .goesOn) {
        $0.frame(.ping, flags: 0x16, [UInt8](repeating: 0, count: 8))
      },
      ConformanceCase("PING with the reserved bit of the stream id set", .goesOn) {
        $0.frame(.ping, stream: 1 << 31, [UInt8](repeating: 0, count: 8))
      },
      ConformanceCase("request with the reserved bit of the stream id set", .response) {
        $0.headers(1 << 31 | 1)
      },
    ])

  private static let size = ConformanceSection(
    "http2/4.2", "Frame size", "RFC 9113, 4.2", suite: 3,
    [
      ConformanceCase("DATA of 2^14 octets", .response) {
        $0.open(1)
        $0.data(1, [UInt8](repeating: 0, count: 16384))
      },
      ConformanceCase(
        "DATA longer than SETTINGS_MAX_FRAME_SIZE", .streamError(.frameSizeError),
        ours: .connectionError(.frameSizeError)
      ) {
        $0.open(1)
        $0.data(1, [UInt8](repeating: 0, count: 16385))
      },
      ConformanceCase(
        "HEADERS longer than SETTINGS_MAX_FRAME_SIZE", .connectionError(.frameSizeError)
      ) {
        $0.headers(1, .request().with("x-long", String(repeating: "x", count: 16384)))
      },
      ConformanceCase(
        "unknown frame longer than SETTINGS_MAX_FRAME_SIZE", .connectionError(.frameSizeError)
      ) { $0.frame(0x16, [UInt8](repeating: 0, count: 16385)) },
    ])

  private static let compression = ConformanceSection(
    "http2/4.3", "Field blocks", "RFC 9113, 4.3",
    [
      ConformanceCase("block that cannot be decoded", .connectionError(.compressionError)) {
        $0.headers(1, [0x40])
      },
      ConformanceCase("PRIORITY within a block", .connectionError(.protocolError)) {
        $0.headers(1, flags: 0)
        $0.prioritize(1)
        $0.continuation(1, [])
      },
      ConformanceCase("HEADERS of another stream within a block", .connectionError(.protocolError))
      {
        $0.headers(1, flags: 0)
        $0.headers(3)
        $0.continuation(1, [])
      },
    ])

  private static let errors = ConformanceSection(
    "http2/5.4.1", "Connection errors", "RFC 9113, 5.4.1",
    [
      ConformanceCase(
        "malformed PING: the connection is closed", .connectionError(.protocolError)
      ) { $0.frame(.ping, stream: 3, [UInt8](repeating: 0, count: 8)) },
      ConformanceCase(
        "malformed PING: GOAWAY comes first", .exactly(.connectionError(.protocolError))
      ) { $0.frame(.ping, stream: 3, [UInt8](repeating: 0, count: 8)) },
    ])

  private static let extensions = ConformanceSection(
    "http2/5.5", "Extending HTTP/2", "RFC 9113, 5.5", suite: 2,
    [
      ConformanceCase("unknown frame", .goesOn) {
        $0.frame(0xff, [UInt8](repeating: 0, count: 8))
      },
      ConformanceCase("unknown frame within a field block", .connectionError(.protocolError)) {
        $0.headers(1, flags: FramePeer.endStream)
        $0.frame(0xff, [UInt8](repeating: 0, count: 8))
      },
      ConformanceCase("unknown frame on an open stream, then its message", .response) {
        $0.open(1)
        $0.frame(0xff, flags: 0xff, stream: 1, [1, 2, 3])
        $0.data(1)
      },
    ])

  private static let codes = ConformanceSection(
    "http2/7", "Error codes", "RFC 9113, 7",
    [
      ConformanceCase("GOAWAY with an unknown code", .exactly(.closed)) {
        $0.frame(.goAway, FramePeer.number(0) + FramePeer.number(0xff))
      },
      ConformanceCase("RST_STREAM with an unknown code", .goesOn) {
        $0.open(1)
        $0.reset(1, 0xff)
      },
    ])
}
