import CNGHTTP2
import Logging
import Model
import NIOCore

/// What reaches a server's connection from other threads. Streams go by their id, which is never used twice.
enum ServerEvent: Sendable {
  /// A handler writes a framed message.
  case message(Int32, [UInt8])
  /// A handler has ended.
  case finished(Int32, CallOutcome)
  /// A handler has taken this many bytes of requests.
  case consumed(Int32, Int)
  /// Finish what is open, accept nothing new.
  case drain
  /// End now.
  case abort
}

/// One client's connection to a server.
final class ServerConnection: HTTP2Connection, LoopMailboxOwner {
  typealias Event = ServerEvent

  let core: ServerCore
  private(set) var peer: Peer
  /// Bytes of requests that are still arriving.
  var heldRequestBytes = 0
  private(set) var mailbox: LoopMailbox<ServerEvent>?
  private var registration: Int?
  private let address: String
  private var flood = FloodGuard()
  private var traceNumbers = TraceNumbers()
  private var isDraining = false
  private var hasSentLastStream = false
  private static let drainPing: [UInt8] = Array("draining".utf8)

  init(core: ServerCore, remoteAddress: SocketAddress?) throws {
    self.core = core
    address = remoteAddress?.ipAddress ?? ""
    peer = Peer(certificate: nil, address: "\(address):\(remoteAddress?.port ?? 0)")
    let side = TLSContext.Side.server(core.configuration.clientCertificate)
    super.init(tls: try TLSEngine(core.tls.context(for: side)))
  }

  override func handlerAdded(context: ChannelHandlerContext) {
    let mailbox = LoopMailbox(owner: self, eventLoop: context.eventLoop)
    self.mailbox = mailbox
    registration = core.connections.add(mailbox, address: address)
    guard registration != nil else {
      mailbox.detach()
      return context.close(promise: nil)
    }
    super.handlerAdded(context: context)
    limitHandshake(to: core.configuration.handshakeTimeout)
  }

  override func handshakeFinished() throws {
    peer = Peer(certificate: try tls.peerCertificate(), address: peer.address)
  }

  override func makeSession(
    _ callbacks: OpaquePointer?, _ user: UnsafeMutableRawPointer
  ) -> OpaquePointer? {
    var options: OpaquePointer?
    nghttp2_option_new(&options)
    defer { nghttp2_option_del(options) }
    nghttp2_option_set_no_auto_window_update(options, 1)
    nghttp2_option_set_no_closed_streams(options, 1)
    nghttp2_option_set_max_outbound_ack(options, 4000)
    var session: OpaquePointer?
    nghttp2_session_server_new2(&session, callbacks, user, options)
    return session
  }

  override func sessionStarted() {
    submitSettings([
      (
        NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, UInt32(core.configuration.maximumConcurrentStreams)
      ),
      (NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, Self.streamWindowBytes),
      (NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, UInt32(core.configuration.maximumHeaderListBytes)),
    ])
    if isDraining { beginDrain() }
    keepAlive(every: core.configuration.keepaliveInterval)
  }

  override func makeStream(_ id: Int32) -> HTTP2Stream? { ServerStream(id: id, on: self) }

  func newSpan(of trace: TraceContext?) -> TraceContext {
    trace?.child(using: &traceNumbers) ?? .root(using: &traceNumbers)
  }

  override func connectionEnded() {
    mailbox?.detach()
    if let registration { core.connections.remove(registration, address: address) }
    if let failure {
      core.logger.debug(
        "connection ended", metadata: ["peer": "\(peer.address)", "reason": "\(failure)"])
    }
  }

  // MARK: Events

  func receive(_ event: ServerEvent) {
    switch event {
    case .message(let id, let bytes): serverStream(id)?.write(bytes)
    case .finished(let id, let outcome): serverStream(id)?.finish(outcome)
    case .consumed(let id, let count): stream(id)?.acknowledge(count)
    case .drain:
      guard !isDraining else { return }
      isDraining = true
      session == nil ? fail(nil) : beginDrain()
    case .abort:
      guard session != nil else { return fail(nil) }
      for stream in streams.values { (stream as? ServerStream)?.abort() }
      nghttp2_session_terminate_session(session, NGHTTP2_NO_ERROR.rawValue)
    }
  }

  func batchReceived() { flush() }

  private func serverStream(_ id: Int32) -> ServerStream? { stream(id) as? ServerStream }

  // MARK: Draining (RFC 9113, 6.8): announce, let a round trip pass, then name the last stream

  private func beginDrain() {
    nghttp2_submit_shutdown_notice(session)
    nghttp2_submit_ping(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), Self.drainPing)
    schedule(.drain, after: .seconds(1)) { self.endDrain() }
  }

  private func endDrain() {
    guard !hasSentLastStream else { return }
    hasSentLastStream = true
    nghttp2_submit_goaway(
      session, UInt8(NGHTTP2_FLAG_NONE.rawValue), nghttp2_session_get_last_proc_stream_id(session),
      NGHTTP2_NO_ERROR.rawValue, nil, 0)
    flush()
  }

  // MARK: Frames

  override func frameBegins(_ header: nghttp2_frame_hd) -> Bool {
    let cost: Int
    switch UInt32(header.type) {
    case NGHTTP2_HEADERS.rawValue: return true
    case NGHTTP2_DATA.rawValue:
      let isEmpty =
        header.length == 0 && header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) == 0
      cost = isEmpty ? 1 : 0
    case NGHTTP2_RST_STREAM.rawValue: cost = FloodGuard.resetCost
    default: cost = 1
    }
    if cost > 0, !flood.spend(cost) {
      core.logger.warning("flood of frames", metadata: ["peer": "\(peer.address)"])
      nghttp2_session_terminate_session(session, NGHTTP2_ENHANCE_YOUR_CALM.rawValue)
    }
    return true
  }

  override func frameSent(_ header: nghttp2_frame_hd) {
    switch UInt32(header.type) {
    case NGHTTP2_DATA.rawValue: flood.earn(4)
    case NGHTTP2_HEADERS.rawValue:
      if header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0 {
        serverStream(header.stream_id)?.endSent()
      }
    default: break
    }
  }

  override func controlFrameReceived(_ frame: nghttp2_frame) {
    let isAcknowledgement = frame.hd.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0
    if isDraining, isAcknowledgement, UInt32(frame.hd.type) == NGHTTP2_PING.rawValue { endDrain() }
  }
}
