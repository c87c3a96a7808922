import CNGHTTP2
import Logging
import Model
import NIOCore

/// What reaches a server's connection from other threads. Streams go by their id, which is never used twice.
enum ServerEvent: Sendable {
  /// A handler writes a framed message.
  case message(Int32, [UInt8])
  /// A handler adds fields to its response.
  case metadata(Int32, Metadata, isTrailing: Bool)
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
  /// Bytes of messages that its calls hold.
  var held: HeldBytes
  private(set) var mailbox: LoopMailbox<ServerEvent>?
  private var registration: Int?
  private let address: String
  private(set) var share: PeerShare?
  private let flood = FloodGuard()
  private var idleSince: (stream: Int32, time: NIODeadline)?
  /// A system call for each would be a tenth of what a call costs.
  private var traceNumbers = SplitMix64(seed: .random(in: .min ... .max))
  private var isDraining = false
  private var hasSentLastStream = false
  private static let drainPing: [UInt8] = Array("draining".utf8)

  init(core: ServerCore, remoteAddress: SocketAddress?) throws {
    self.core = core
    address = remoteAddress?.ipAddress ?? ""
    peer = Peer(certificate: nil, address: "\(address):\(remoteAddress?.port ?? 0)")
    held = HeldBytes(limit: core.configuration.maximumHeldBytes, of: core.memory)
    let side = TLSContext.Side.server(core.configuration.clientCertificate)
    super.init(tls: try TLSEngine(core.tls.context(for: side)), isServer: true)
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
    let name = peer.certificate.map { $0.spiffeID ?? "\($0.fingerprint)" } ?? address
    share = core.peers.join(name)
    guard share != nil else { throw TLSError("the peer has too many connections") }
    tls.watchKeyUpdates()
    core.tls.count(tls.isResumed ? \.resumed : \.full)
  }

  override func makeSession(
    _ callbacks: OpaquePointer?, _ user: UnsafeMutableRawPointer
  ) -> OpaquePointer? {
    var options: OpaquePointer?
    nghttp2_option_new(&options)
    defer { nghttp2_option_del(options) }
    nghttp2_option_set_no_auto_window_update(options, 1)
    nghttp2_option_set_no_closed_streams(options, 1)
    // The guard knows better which resets and acknowledgements are too many.
    nghttp2_option_set_stream_reset_rate_limit(options, 1 << 30, 1 << 30)
    nghttp2_option_set_max_outbound_ack(options, 2 * FloodGuard.capacity)
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

  override func established() {
    if let registration { core.connections.establish(registration) }
  }

  override func makeStream(_ id: Int32) -> HTTP2Stream? { ServerStream(id: id, on: self) }

  /// Nil before the peer is known, when there are no calls.
  func limits(of method: RegisteredMethod) -> CallLimits? {
    share.map { CallLimits(service: method.calls, peer: $0.calls) }
  }

  func newSpan(of trace: TraceContext?) -> TraceContext {
    trace?.child(using: &traceNumbers) ?? .root(using: &traceNumbers)
  }

  /// A channel that is closed before it is active never becomes inactive, but its handler is removed all the same.
  override func handlerRemoved(context: ChannelHandlerContext) { connectionEnded() }

  override func connectionEnded() {
    guard let registration else { return }
    self.registration = nil
    mailbox?.detach()
    if session == nil { core.tls.count(\.failed) }
    core.connections.remove(registration)
    if let share { core.peers.leave(share) }
    held.giveBack()
    if let failure {
      core.logger.debug(
        "connection ended", metadata: ["peer": "\(peer.address)", "reason": "\(failure)"])
    }
  }

  // MARK: Events

  func receive(_ event: ServerEvent) {
    switch event {
    case .message(let id, let bytes): serverStream(id)?.write(bytes)
    case .metadata(let id, let fields, let isTrailing):
      serverStream(id)?.add(fields, isTrailing: isTrailing)
    case .finished(let id, let outcome): serverStream(id)?.finish(outcome)
    case .consumed(let id, let count): serverStream(id)?.consumed(count)
    case .drain:
      guard !isDraining else { return }
      isDraining = true
      session == nil ? fail(nil) : beginDrain()
    case .abort:
      guard session != nil else { return fail(nil) }
      for stream in streams.values { (stream as? ServerStream)?.abort() }
      terminate(NGHTTP2_NO_ERROR)
    }
  }

  func batchReceived() { flush() }

  private func serverStream(_ id: Int32) -> ServerStream? { streams[id] as? ServerStream }

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
    if UInt32(header.type) == NGHTTP2_RST_STREAM.rawValue {
      let stream = serverStream(header.stream_id)
      flood.earn(FloodGuard.refund(ofResetAt: stream.map { $0.age ?? .zero }))
    }
    return spend(FloodGuard.cost(of: header))
  }

  override func recordReceived(_ count: Int) -> Bool {
    let isShort = count > 0 && count < FloodGuard.shortRecordBytes
    return spend(
      tls.takeKeyUpdates() * FloodGuard.keyUpdateCost + (isShort ? FloodGuard.shortRecordCost : 0))
  }

  /// The peer has sent more header fields than it was told that we take.
  func headersExceeded() { _ = spend(FloodGuard.excessiveHeadersCost) }

  /// A message has arrived whole.
  func messageReceived(_ count: Int) { flood.earn(FloodGuard.earning(ofMessage: count)) }

  /// False when the peer has sent too much that is of no use: the connection ends.
  private func spend(_ cost: Int) -> Bool {
    guard cost > 0, !flood.spend(cost) else { return true }
    core.logger.warning("flood of frames", metadata: ["peer": "\(peer.address)"])
    terminate(NGHTTP2_ENHANCE_YOUR_CALM)
    return false
  }

  override func frameSent(_ frame: UnsafePointer<nghttp2_frame>) {
    let header = frame.pointee.hd
    if UInt32(header.type) == NGHTTP2_RST_STREAM.rawValue {
      _ = spend(FloodGuard.cost(ofSentReset: frame.pointee.rst_stream.error_code))
      return
    }
    flood.earn(
      FloodGuard.earning(ofSent: header) {
        nghttp2_session_get_stream_remote_window_size(session, header.stream_id) <= 0
          || nghttp2_session_get_remote_window_size(session) <= 0
      })
    if UInt32(header.type) == NGHTTP2_HEADERS.rawValue,
      header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
    {
      serverStream(header.stream_id)?.endSent()
    }
  }

  override func controlFrameReceived(_ frame: nghttp2_frame) {
    let isAcknowledgement = frame.hd.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0
    if isDraining, isAcknowledgement, UInt32(frame.hd.type) == NGHTTP2_PING.rawValue { endDrain() }
  }

  // MARK: Peers that do not take part

  /// A peer that does not read is not listened to either, so that answers cannot pile up; keepalive ends it.
  override func channelWritabilityChanged(context: ChannelHandlerContext) {
    try? context.channel.syncOptions?.setOption(.autoRead, value: context.channel.isWritable)
    super.channelWritabilityChanged(context: context)
  }

  override func keepAliveTicked() {
    endStalledStreams(after: core.configuration.maximumTimeout)
    endIdleConnection()
    flush()
  }

  private func endIdleConnection() {
    let (now, last) = (NIODeadline.now(), nghttp2_session_get_last_proc_stream_id(session))
    guard streams.isEmpty, let idleSince, idleSince.stream == last else {
      idleSince = streams.isEmpty ? (last, now) : nil
      return
    }
    if idleSince.time.duration(to: now) >= core.configuration.maximumIdleTime { receive(.drain) }
  }
}
