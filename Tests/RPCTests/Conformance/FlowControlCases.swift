/// SETTINGS and flow control: h2spec's http2/6.5 and 6.9.
enum FlowControlCases {
  static let sections = [
    settings, parameters, synchronization, windowUpdate, window, initialWindow,
  ]

  private static let large: UInt32 = 1 << 31 - 1

  private static let settings = ConformanceSection(
    "http2/6.5", "SETTINGS", "RFC 9113, 6.5",
    [
      ConformanceCase("ACK with a payload", .connectionError(.frameSizeError)) {
        $0.frame(.settings, flags: FramePeer.acknowledgement, [0])
      },
      ConformanceCase("SETTINGS on a stream", .connectionError(.protocolError)) {
        $0.frame(.settings, stream: 1, [0, 3, 0, 0, 0, 100])
      },
      ConformanceCase("SETTINGS of three octets", .connectionError(.frameSizeError)) {
        $0.frame(.settings, [0, 3, 0])
      },
    ])

  private static let parameters = ConformanceSection(
    "http2/6.5.2", "Defined settings", "RFC 9113, 6.5.2", suite: 5,
    [
      ConformanceCase("ENABLE_PUSH of 2", .connectionError(.protocolError)) { $0.settings((2, 2)) },
      ConformanceCase("INITIAL_WINDOW_SIZE of 2^31", .connectionError(.flowControlError)) {
        $0.settings((4, 1 << 31))
      },
      ConformanceCase("MAX_FRAME_SIZE below 2^14", .connectionError(.protocolError)) {
        $0.settings((5, 16383))
      },
      ConformanceCase("MAX_FRAME_SIZE of 2^24", .connectionError(.protocolError)) {
        $0.settings((5, 1 << 24))
      },
      ConformanceCase("unknown setting", .goesOn) { $0.settings((0xff, 1)) },
      ConformanceCase("ENABLE_PUSH of 1, which changes nothing", .response) {
        $0.settings((2, 1))
        $0.request(1)
      },
      ConformanceCase("HEADER_TABLE_SIZE of 0", .response) {
        $0.settings((1, 0))
        $0.request(1)
      },
      ConformanceCase("MAX_FRAME_SIZE of 2^24 − 1", .response) {
        $0.settings((5, 1 << 24 - 1))
        $0.request(1)
      },
    ])

  private static let synchronization = ConformanceSection(
    "http2/6.5.3", "Settings synchronization", "RFC 9113, 6.5.3",
    [
      ConformanceCase("INITIAL_WINDOW_SIZE twice in one frame: the last counts", .data(1)) {
        $0.settings((4, 100), (4, 1))
        $0.waitForAcknowledgedSettings()
        $0.request(1)
      },
      ConformanceCase("SETTINGS", .exactly(.settingsAcknowledged)) { $0.settings((2, 0)) },
    ])

  private static let windowUpdate = ConformanceSection(
    "http2/6.9", "WINDOW_UPDATE", "RFC 9113, 6.9",
    [
      ConformanceCase("increment of 0 on the connection", .connectionError(.protocolError)) {
        $0.windowUpdate(0, 0)
      },
      ConformanceCase(
        "increment of 0 on a stream", .streamError(.protocolError),
        ours: .connectionError(.protocolError)
      ) {
        $0.open(1)
        $0.windowUpdate(1, 0)
      },
      ConformanceCase("WINDOW_UPDATE of three octets", .connectionError(.frameSizeError)) {
        $0.frame(.windowUpdate, [0, 0, 1])
      },
    ])

  private static let window = ConformanceSection(
    "http2/6.9.1", "The flow-control window", "RFC 9113, 6.9.1", suite: 3,
    [
      ConformanceCase("window of 1, then a request", .data(1)) {
        $0.settings((4, 1))
        $0.waitForAcknowledgedSettings()
        $0.request(1)
      },
      ConformanceCase(
        "connection window above 2^31 − 1", .exactly(.connectionError(.flowControlError))
      ) {
        $0.windowUpdate(0, large)
        $0.windowUpdate(0, large)
      },
      ConformanceCase(
        "stream window above 2^31 − 1", .exactly(.streamError(.flowControlError))
      ) {
        $0.open(1)
        $0.windowUpdate(1, large)
        $0.windowUpdate(1, large)
      },
      ConformanceCase(
        "DATA beyond the window of the stream", .streamError(.flowControlError)
      ) {
        // Messages that the handler does not take.
        $0.open(1, "Stall")
        for _ in 0..<40 { $0.data(1, [UInt8](repeating: 0, count: 16384), flags: 0) }
      },
    ])

  private static let initialWindow = ConformanceSection(
    "http2/6.9.2", "Initial window size", "RFC 9113, 6.9.2", suite: 3,
    [
      ConformanceCase("INITIAL_WINDOW_SIZE from 0 to 1 during a call", .data(1)) {
        $0.settings((4, 0))
        $0.waitForAcknowledgedSettings()
        $0.request(1)
        $0.settings((4, 1))
        $0.waitForAcknowledgedSettings()
      },
      ConformanceCase("window that becomes negative, then positive by 1", .data(1)) {
        $0.settings((4, 3))
        $0.waitForAcknowledgedSettings()
        $0.request(1)
        _ = $0.wait { $0.type == 0 }
        $0.settings((4, 2))
        $0.waitForAcknowledgedSettings()
        $0.windowUpdate(1, 2)
      },
      ConformanceCase("INITIAL_WINDOW_SIZE of 2^31", .connectionError(.flowControlError)) {
        $0.settings((4, 1 << 31))
      },
      ConformanceCase(
        "INITIAL_WINDOW_SIZE that lifts a stream's window above 2^31 − 1",
        .connectionError(.flowControlError), ours: .streamError(.flowControlError),
        miss: """
          nghttp2 ends each stream whose window would overflow, and keeps the connection. No window ever exceeds \
          2^31 − 1, which is what the rule is for, and streams that do not overflow go on.
          """
      ) {
        $0.request(1, "Hang")
        $0.windowUpdate(1, large - 65535)
        $0.settings((4, 65536))
      },
    ])
}
