import CNGHTTP2
import Model
import NIOCore
import Synchronization

/// What the pool learns of a connection.
enum ClientConnectionChange: Sendable {
  /// The server has been verified and has sent its settings.
  case ready(ClientConnectionHandle)
  /// The server takes no new calls on this connection.
  case draining
  case closed(TLSError?)
}

/// One connection of a channel to its server.
final class ClientConnection: HTTP2Connection, LoopMailboxOwner {
  typealias Event = ClientEvent

  let authority: String
  let maximumMessageBytes: Int
  private let expectation: PeerExpectation
  private let configuration: RPCChannelConfiguration
  private let changed: @Sendable (ClientConnectionChange) -> Void
  private var handle: ClientConnectionHandle?
  private var isReady = false
  private var isDraining = false
  /// Stream ids by call number.
  private var streamIDs: [UInt64: Int32] = [:]

  init(
    tls: TLSContext, address: ServiceAddress, expectation: PeerExpectation,
    configuration: RPCChannelConfiguration,
    changed: @escaping @Sendable (ClientConnectionChange) -> Void
  ) throws {
    authority = address.authority
    maximumMessageBytes = configuration.maximumMessageBytes
    self.expectation = expectation
    self.configuration = configuration
    self.changed = changed
    super.init(tls: try TLSEngine(tls, serverName: address.serverName))
  }

  override func handlerAdded(context: ChannelHandlerContext) {
    let mailbox = LoopMailbox(owner: self, eventLoop: context.eventLoop) { event in
      guard case .start(let call) = event else { return }
      call.end(
        RPCStatus(code: .unavailable, message: "the connection is closed"), isUntouched: true)
    }
    handle = ClientConnectionHandle(mailbox: mailbox)
    super.handlerAdded(context: context)
    limitHandshake(to: configuration.connectTimeout)
  }

  /// Runs before the client's own certificate is sent.
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
      (NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, 64 << 10),
    ])
    keepAlive(every: configuration.keepaliveInterval)
  }

  override func controlFrameReceived(_ frame: nghttp2_frame) {
    switch UInt32(frame.hd.type) {
    case NGHTTP2_SETTINGS.rawValue where !isReady:
      isReady = true
      if let handle { changed(.ready(handle)) }
    case NGHTTP2_GOAWAY.rawValue: drain()
    default: break
    }
  }

  /// No new calls, and the end once the open ones are done.
  private func drain() {
    guard !isDraining else { return }
    isDraining = true
    changed(.draining)
  }

  override func connectionEnded() {
    handle?.mailbox.detach()
    changed(.closed(failure))
  }

  /// What to say of a call that ended because the connection did.
  var lossReason: String { failure.map { "connection lost: \($0)" } ?? "connection lost" }

  // MARK: Events

  func receive(_ event: ClientEvent) {
    switch event {
    case .start(let call): start(call)
    case .cancel(let number): stream(number)?.cancel()
    case .consumed(let number, let count): stream(number)?.acknowledge(count)
    case .retire: retire()
    case .close:
      for stream in streams.values { (stream as? ClientStream)?.cancel() }
      nghttp2_session_terminate_session(session, NGHTTP2_NO_ERROR.rawValue)
    }
  }

  func batchReceived() { flush() }

  private func stream(_ number: UInt64) -> ClientStream? {
    streamIDs[number].flatMap { stream($0) as? ClientStream }
  }

  private func start(_ call: ClientCall) {
    guard !isDraining, let id = submit(call) else {
      return call.end(
        RPCStatus(code: .unavailable, message: "the connection takes no more calls"),
        isUntouched: true)
    }
    handle?.openCalls.add(1, ordering: .relaxed)
    let stream = ClientStream(id: id, call: call, on: self)
    adopt(stream)
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

  private func retire() {
    drain()
    nghttp2_submit_goaway(
      session, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, NGHTTP2_NO_ERROR.rawValue, nil, 0)
  }

  func callEnded(_ call: ClientCall) {
    streamIDs[call.number] = nil
    handle?.openCalls.subtract(1, ordering: .relaxed)
  }
}
