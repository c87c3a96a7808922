import Model

/// Frames that a server may and may not send: h2spec's client suite.
enum ClientFrameCases {
  static let sections = [format, states, types, settings, windows, continuation]

  private static let opaque = [UInt8](repeating: 0, count: 8)
  private static let dummy = FieldBlock(fields: [("x-dummy", "1")]).bytes
  private static let large: UInt32 = 1 << 31 - 1

  /// A protobuf message of this length: one field that nobody knows.
  private static func unknownField(_ count: Int) -> [UInt8] {
    [0x7a, UInt8((count - 3) & 127 | 128), UInt8((count - 3) >> 7)]
      + [UInt8](repeating: 0, count: count - 3)
  }

  private static let format = ClientSection(
    "client/1–5.5", "Frames as such", "RFC 9113, 3.4–5.5",
    [
      ClientCase("the preface and an answer", .goesOn, call: .ok) { _, _ in },
      ClientCase("frame of unknown type", .goesOn, call: .ok) { peer, _ in
        peer.frame(0x16, opaque)
      },
      ClientCase("PING with undefined flags", .goesOn, call: .ok) { peer, _ in
        peer.frame(.ping, flags: 0x16, opaque)
      },
      ClientCase("PING with the reserved bit set", .goesOn, call: .ok) { peer, _ in
        peer.frame(.ping, stream: 1 << 31, opaque)
      },
      ClientCase("DATA of 2^14 octets", .goesOn, call: .ok) { peer, stream in
        peer.headers(stream, .response, flags: FramePeer.endHeaders)
        // One message, of which the rest of a frame's octets are the content.
        peer.data(stream, [0, 0, 0, 0x3f, 0xfb] + Self.unknownField(16379), flags: 0)
        peer.headers(stream, .trailers)
      },
      ClientCase(
        "DATA longer than SETTINGS_MAX_FRAME_SIZE", .streamError(.frameSizeError),
        ours: .connectionError(.frameSizeError), call: .unavailable
      ) { peer, stream in
        peer.headers(stream, .response, flags: FramePeer.endHeaders)
        peer.data(stream, [UInt8](repeating: 0, count: 16385))
      },
      ClientCase(
        "HEADERS longer than SETTINGS_MAX_FRAME_SIZE", .connectionError(.frameSizeError),
        call: .unavailable
      ) { peer, stream in
        peer.headers(stream, FieldBlock.response.with("x", String(repeating: "x", count: 16384)))
      },
      ClientCase(
        "block that cannot be decoded", .connectionError(.compressionError), call: .unavailable
      ) { peer, stream in peer.headers(stream, [0x40]) },
      ClientCase(
        "indexed field with index 0", .connectionError(.compressionError), call: .unavailable
      ) { peer, stream in peer.headers(stream, [0x80]) },
      ClientCase(
        "table size update above the limit", .connectionError(.compressionError),
        call: .unavailable
      ) { peer, stream in
        peer.headers(stream, [0x3f, 0xe2, 0x1f] + FieldBlock.response.bytes)
      },
      ClientCase("PRIORITY within a block", .connectionError(.protocolError), call: .unavailable) {
        peer, stream in
        peer.headers(stream, .response, flags: 0)
        peer.prioritize(stream)
        peer.continuation(stream, dummy)
      },
      ClientCase(
        "unknown frame within a block", .connectionError(.protocolError), call: .unavailable
      ) { peer, stream in
        peer.headers(stream, .response, flags: FramePeer.endStream)
        peer.frame(0xff, opaque)
      },
      ClientCase(
        "malformed PING: GOAWAY, then close", .exactly(.connectionError(.protocolError)),
        call: .unavailable
      ) { peer, _ in peer.frame(.ping, stream: 3, opaque) },
    ])

  private static let states = ClientSection(
    "client/5.1", "Stream states", "RFC 9113, 5.1",
    [
      ClientCase("DATA on an idle stream", .connectionError(.protocolError), call: .unavailable) {
        peer, _ in peer.data(2)
      },
      ClientCase(
        "RST_STREAM on an idle stream", .connectionError(.protocolError), call: .unavailable
      ) {
        peer, _ in peer.reset(2)
      },
      ClientCase(
        "WINDOW_UPDATE on an idle stream", .connectionError(.protocolError), call: .unavailable
      ) { peer, _ in peer.windowUpdate(2, 100) },
      ClientCase(
        "CONTINUATION on an idle stream", .connectionError(.protocolError), call: .unavailable
      ) { peer, _ in peer.continuation(2, dummy) },
      ClientCase(
        "DATA after RST_STREAM", .streamError(.streamClosed), ours: .connectionError(.streamClosed),
        call: .cancelled
      ) {
        peer, stream in
        peer.headers(stream, .response, flags: FramePeer.endHeaders)
        peer.reset(stream)
        peer.data(stream)
      },
      ClientCase(
        "HEADERS after RST_STREAM", .streamError(.streamClosed),
        ours: .connectionError(.streamClosed), call: .cancelled
      ) {
        peer, stream in
        peer.headers(stream, .response, flags: FramePeer.endHeaders)
        peer.reset(stream)
        peer.headers(stream, .response)
      },
      ClientCase(
        "CONTINUATION after RST_STREAM", .streamError(.streamClosed, .protocolError),
        ours: .connectionError(.protocolError), call: .cancelled
      ) { peer, stream in
        peer.headers(stream, .response, flags: FramePeer.endHeaders)
        peer.reset(stream)
        peer.continuation(stream, dummy)
      },
      ClientCase("DATA after END_STREAM", .connectionError(.streamClosed), call: .ok) {
        peer, stream in
        peer.answer(stream)
        peer.data(stream)
      },
      ClientCase("HEADERS after END_STREAM", .connectionError(.streamClosed), call: .ok) {
        peer, stream in
        peer.answer(stream)
        peer.headers(stream, .trailers)
      },
      ClientCase(
        "CONTINUATION after END_STREAM", .connectionError(.streamClosed, .protocolError),
        ours: .connectionError(.protocolError), call: .ok
      ) { peer, stream in
        peer.answer(stream)
        peer.continuation(stream, dummy)
      },
      ClientCase(
        "HEADERS on a stream of ours that is idle", .connectionError(.protocolError),
        call: .unavailable
      ) { peer, _ in peer.headers(101, .response) },
      ClientCase(
        "HEADERS on a stream of the server's", .connectionError(.protocolError), call: .unavailable
      ) { peer, _ in peer.headers(2, .response) },
    ])

  private static let types = ClientSection(
    "client/6.1–6.8", "Types of frames", "RFC 9113, 6.1–6.8",
    [
      ClientCase("DATA on stream 0", .connectionError(.protocolError), call: .unavailable) {
        peer, _ in peer.data(0)
      },
      ClientCase(
        "padding as long as the payload", .connectionError(.protocolError), call: .unavailable
      ) { peer, stream in
        peer.headers(stream, .response, flags: FramePeer.endHeaders)
        peer.data(stream, [6, 0x54, 0x65, 0x73, 0x74], flags: 9)
      },
      ClientCase("HEADERS on stream 0", .connectionError(.protocolError), call: .unavailable) {
        peer, _ in peer.headers(0, .response)
      },
      ClientCase(
        "padding longer than the block", .connectionError(.protocolError), call: .unavailable
      ) { peer, stream in
        peer.headers(stream, [255] + dummy, flags: FramePeer.last | FramePeer.padded)
      },
      ClientCase("PRIORITY on stream 0", .connectionError(.protocolError), call: .unavailable) {
        peer, _ in peer.prioritize(0)
      },
      ClientCase(
        "PRIORITY of four octets", .streamError(.frameSizeError),
        ours: .connectionError(.frameSizeError), call: .unavailable
      ) { peer, stream in peer.frame(.priority, stream: stream, [0, 0, 0, 0]) },
      ClientCase("RST_STREAM on stream 0", .connectionError(.protocolError), call: .unavailable) {
        peer, _ in peer.reset(0)
      },
      ClientCase(
        "RST_STREAM of three octets", .connectionError(.frameSizeError), call: .unavailable
      ) { peer, stream in peer.frame(.reset, stream: stream, [0, 0, 0]) },
      ClientCase("PING", .goesOn, call: .ok) { peer, _ in peer.frame(.ping, opaque) },
      ClientCase("PING with ACK that nobody asked for", .goesOn, call: .ok) { peer, _ in
        peer.frame(.ping, flags: FramePeer.acknowledgement, opaque)
      },
      ClientCase("PING of six octets", .connectionError(.frameSizeError), call: .unavailable) {
        peer, _ in peer.frame(.ping, [0, 0, 0, 0, 0, 0])
      },
      ClientCase("GOAWAY on a stream", .connectionError(.protocolError), call: .unavailable) {
        peer, stream in peer.frame(.goAway, stream: stream, opaque)
      },
    ])

  private static let settings = ClientSection(
    "client/6.5", "SETTINGS", "RFC 9113, 6.5",
    [
      ClientCase("ACK with a payload", .connectionError(.frameSizeError), call: .unavailable) {
        peer, _ in peer.frame(.settings, flags: FramePeer.acknowledgement, [0])
      },
      ClientCase("SETTINGS on a stream", .connectionError(.protocolError), call: .unavailable) {
        peer, stream in peer.frame(.settings, stream: stream, [0, 3, 0, 0, 0, 100])
      },
      ClientCase("SETTINGS of three octets", .connectionError(.frameSizeError), call: .unavailable)
      {
        peer, _ in peer.frame(.settings, [0, 3, 0])
      },
      ClientCase(
        "INITIAL_WINDOW_SIZE of 2^31", .connectionError(.flowControlError), call: .unavailable
      ) { peer, _ in peer.settings((4, 1 << 31)) },
      ClientCase("MAX_FRAME_SIZE below 2^14", .connectionError(.protocolError), call: .unavailable)
      {
        peer, _ in peer.settings((5, 16383))
      },
      ClientCase("MAX_FRAME_SIZE of 2^24", .connectionError(.protocolError), call: .unavailable) {
        peer, _ in peer.settings((5, 1 << 24))
      },
      ClientCase("ENABLE_PUSH of 1", .connectionError(.protocolError), call: .unavailable) {
        peer, _ in peer.settings((2, 1))
      },
      ClientCase("unknown setting", .goesOn, call: .ok) { peer, _ in peer.settings((0xff, 1)) },
      ClientCase("SETTINGS", .exactly(.settingsAcknowledged), call: .ok) { peer, _ in
        peer.settings()
      },
    ])

  private static let windows = ClientSection(
    "client/6.9", "WINDOW_UPDATE", "RFC 9113, 6.9",
    [
      ClientCase(
        "increment of 0 on the connection", .connectionError(.protocolError), call: .unavailable
      ) { peer, _ in peer.windowUpdate(0, 0) },
      ClientCase(
        "increment of 0 on a stream", .streamError(.protocolError),
        ours: .connectionError(.protocolError), call: .unavailable
      ) { peer, stream in peer.windowUpdate(stream, 0) },
      ClientCase(
        "WINDOW_UPDATE of three octets", .connectionError(.frameSizeError), call: .unavailable
      ) { peer, _ in peer.frame(.windowUpdate, [0, 0, 1]) },
      ClientCase(
        "connection window above 2^31 − 1", .exactly(.connectionError(.flowControlError)),
        call: .unavailable
      ) { peer, _ in
        peer.windowUpdate(0, large)
        peer.windowUpdate(0, large)
      },
      ClientCase(
        "stream window above 2^31 − 1", .exactly(.streamError(.flowControlError)),
        call: .internal
      ) { peer, stream in
        peer.headers(stream, .response, flags: FramePeer.endHeaders)
        peer.windowUpdate(stream, large)
        peer.windowUpdate(stream, large)
      },
    ])

  private static let continuation = ClientSection(
    "client/6.10", "CONTINUATION", "RFC 9113, 6.10",
    [
      ClientCase("several CONTINUATIONs", .goesOn, call: .ok) { peer, stream in
        peer.headers(stream, .response, flags: 0)
        peer.continuation(stream, dummy, flags: 0)
        peer.continuation(stream, dummy)
        peer.data(stream, flags: 0)
        peer.headers(stream, .trailers)
      },
      ClientCase(
        "CONTINUATION, then another frame", .connectionError(.protocolError), call: .unavailable
      ) { peer, stream in
        peer.headers(stream, .response, flags: 0)
        peer.continuation(stream, dummy, flags: 0)
        peer.data(stream)
      },
      ClientCase("CONTINUATION on stream 0", .connectionError(.protocolError), call: .unavailable) {
        peer, stream in
        peer.headers(stream, .response, flags: FramePeer.endStream)
        peer.continuation(0, dummy)
      },
      ClientCase(
        "CONTINUATION after a block that has ended", .connectionError(.protocolError),
        call: .unavailable
      ) { peer, stream in
        peer.headers(stream, .response, flags: FramePeer.endHeaders)
        peer.continuation(stream, dummy)
      },
      ClientCase(
        "CONTINUATION after a CONTINUATION that ended the block", .connectionError(.protocolError),
        call: .unavailable
      ) { peer, stream in
        peer.headers(stream, .response, flags: 0)
        peer.continuation(stream, dummy)
        peer.continuation(stream, dummy)
      },
      ClientCase("CONTINUATION after DATA", .connectionError(.protocolError), call: .unavailable) {
        peer, stream in
        peer.headers(stream, .response, flags: FramePeer.endHeaders)
        peer.data(stream, flags: 0)
        peer.continuation(stream, dummy)
      },
    ])
}
