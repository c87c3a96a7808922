import CNGHTTP2
import Model
import NIOCore

/// What the pool learns of a connection.
enum ClientConnectionChange: Sendable {
  /// The socket exists; nothing is connected yet.
  case opened(ClientConnectionHandle)
  /// The server has been verified and has sent its settings.
  case ready(ClientConnectionHandle)
  /// The server allows another number of concurrent calls.
  case limitChanged
  case callEnded(ClientConnectionHandle)
  /// The server takes no new calls on this connection.
  case draining(ClientConnectionHandle)
  /// The server minds how often it is asked by PING.
  case pingedTooOften
  /// Why, in plain words.
  case closed(String)
}

/// One connection of a channel to its server.
final class ClientConnection: HTTP2Connection, LoopMailboxOwner {
  typealias Event = ClientEvent

  /// Time for the peer to take what is to be said when the channel closes.
  private static let partingTime = Duration.seconds(1)

  let maximumMessageBytes: Int
  /// Refers to this connection; the mailbox lets go of it when the connection ends.
  private(set) var handle: ClientConnectionHandle?
  private(set) var isDraining = false
  private let plan: ConnectionPlan
  private let expectation: PeerExpectation
  private let connectTimeout: Duration
  private let keepaliveInterval: Duration
  private let changed: @Sendable (ClientConnectionChange) -> Void
  private let began = ContinuousClock.now
  private var isReady = false
  private var isRetiring = false
  /// Stream ids by call number.
  private var streamIDs: [UInt64: Int32] = [:]

  init(
    _ plan: ConnectionPlan, tls: TLSContext, expectation: PeerExpectation,
    configuration: RPCChannelConfiguration, keepaliveInterval: Duration,
    changed: @escaping @Sendable (ClientConnectionChange) -> Void
  ) throws {
    self.plan = plan
    self.expectation = expectation
    maximumMessageBytes = configuration.maximumMessageBytes
    connectTimeout = configuration.connectTimeout
    self.keepaliveInterval = keepaliveInterval
    self.changed = changed
    let target = ClientTarget(endpoint: plan.endpoint, expectation: expectation)
    super.init(tls: try TLSEngine(tls, target: target), isServer: false)
  }

  override func handlerAdded(context: ChannelHandlerContext) {
    let mailbox = LoopMailbox(owner: self, eventLoop: context.eventLoop) { event in
      guard case .start(let call) = event else { return }
      call.end(RPCStatus(code: .unavailable, message: "the connection is closed"), .notSent)
    }
    let handle = ClientConnectionHandle(plan, mailbox: mailbox)
    self.handle = handle
    super.handlerAdded(context: context)
    changed(.opened(handle))
  }

  override func channelActive(context: ChannelHandlerContext) {
    limitHandshake(to: connectTimeout - began.duration(to: .now))
    super.channelActive(context: context)
  }

  /// Runs before the client's own certificate is sent. In a resumed handshake there is none; the server is judged
  /// here by that of the full one.
  override func handshakeFinished() throws {
    guard let certificate = try tls.peerCertificate(), expectation.accepts(certificate) else {
      throw TLSError("the server is not \(expectation)")
    }
  }

  override func makeSession(
    _ callbacks: OpaquePointer?, _ user: UnsafeMutableRawPointer
  ) -> OpaquePointer? {
    var options: OpaquePointer?
    nghttp2_option_new(&options)
    defer { nghttp2_option_del(options) }
    nghttp2_option_set_no_auto_window_update(options, 1)
    nghttp2_option_set_no_closed_streams(options, 1)
    var session: OpaquePointer?
    nghttp2_session_client_new2(&session, callbacks, user, options)
    return session
  }

  override func sessionStarted() {
    submitSettings([
      (NGHTTP2_SETTINGS_ENABLE_PUSH, 0),
      (NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, Self.streamWindowBytes),
      (NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, UInt32(ResponseFields.limitBytes)),
    ])
    keepAlive(every: keepaliveInterval)
  }

  // MARK: Frames

  override func controlFrameReceived(_ frame: nghttp2_frame) {
    switch UInt32(frame.hd.type) {
    case NGHTTP2_SETTINGS.rawValue:
      if frame.hd.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) == 0 { settingsReceived() }
    case NGHTTP2_GOAWAY.rawValue:
      if frame.goaway.error_code == NGHTTP2_ENHANCE_YOUR_CALM.rawValue { changed(.pingedTooOften) }
      drain()
    default: break
    }
  }

  private func settingsReceived() {
    guard let handle else { return }
    handle.limit = Int(
      nghttp2_session_get_remote_settings(session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS))
    guard !isReady else { return changed(.limitChanged) }
    isReady = true
    timers.removeValue(forKey: .handshake)?.cancel()
    changed(.ready(handle))
  }

  override func frameSent(_ frame: UnsafePointer<nghttp2_frame>) {
    guard UInt32(frame.pointee.hd.type) == NGHTTP2_HEADERS.rawValue else { return }
    (streams[frame.pointee.hd.stream_id] as? ClientStream)?.begin()
  }

  /// No new calls, and the end once the open ones are done.
  private func drain() {
    guard !isDraining, let handle else { return }
    isDraining = true
    changed(.draining(handle))
  }

  private func retire() {
    drain()
    isRetiring = true
    endIfIdle()
  }

  /// Not before the open calls are done: nghttp2 sends GOAWAY ahead of requests that wait, and a server that has no
  /// other call would then close the connection instead of taking them.
  private func endIfIdle() {
    guard isRetiring, streamIDs.isEmpty else { return }
    nghttp2_submit_goaway(
      session, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, NGHTTP2_NO_ERROR.rawValue, nil, 0)
  }

  override func connectionEnded() {
    handle?.mailbox.detach()
    changed(.closed(failure?.description ?? "the server closed the connection"))
  }

  /// Also after an attempt that never connected, of which there is no end.
  override func handlerRemoved(context: ChannelHandlerContext) { handle?.mailbox.detach() }

  /// What to say of a call that ended because the connection did.
  var lossReason: String { failure.map { "connection lost: \($0)" } ?? "connection lost" }

  // MARK: Events

  func receive(_ event: ClientEvent) {
    switch event {
    case .start(let call): start(call)
    case .message(let number, let bytes): stream(number)?.send(bytes)
    case .finishSending(let number): stream(number)?.finishSending()
    case .cancel(let number): stream(number)?.cancel()
    case .consumed(let number, let count): stream(number)?.acknowledge(count)
    case .retire: retire()
    case .close: close()
    }
  }

  func batchReceived() { flush() }

  private func close() {
    guard session != nil else {
      fail(nil, isSilent: true)
      context?.close(promise: nil)
      return
    }
    for stream in streams.values { (stream as? ClientStream)?.cancel() }
    nghttp2_session_terminate_session(session, NGHTTP2_NO_ERROR.rawValue)
    schedule(.drain, after: Self.partingTime) { self.context?.close(promise: nil) }
  }

  private func stream(_ number: UInt64) -> ClientStream? {
    streamIDs[number].flatMap { streams[$0] as? ClientStream }
  }

  private func start(_ call: ClientCall) {
    guard !isDraining, let id = submit(call) else {
      call.end(
        RPCStatus(code: .unavailable, message: "the connection takes no more calls"), .notSent)
      if let handle { changed(.callEnded(handle)) }
      return
    }
    let stream = ClientStream(id: id, call: call, on: self)
    streams.insert(stream)
    streamIDs[call.number] = id
    stream.start()
  }

  /// Nil when the connection's stream ids have run out; it then ends with its open calls.
  private func submit(_ call: ClientCall) -> Int32? {
    let id = call.fields.withFields { fields, count in
      var provider = SessionCallbacks.dataProvider()
      return nghttp2_submit_request(session, nil, fields, count, &provider, nil)
    }
    guard id <= 0 else { return id }
    retire()
    return nil
  }

  func callEnded(_ call: ClientCall) {
    streamIDs[call.number] = nil
    endIfIdle()
    if let handle { changed(.callEnded(handle)) }
  }
}
