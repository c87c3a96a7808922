import CNGHTTP2
import Model
import NIOCore

/// One TLS connection with HTTP/2 on it: socket bytes → OpenSSL → nghttp2 → streams, and back.
///
/// Threading: a connection, its TLS engine, its nghttp2 session and its streams are used on one event loop only,
/// that of its channel, and none of them is Sendable. Everything that arrives in one read is handled before
/// anything is written, and written once (`channelReadComplete`). Other threads reach a connection through its
/// `LoopMailbox`, by value. docs/threading.md has the whole of it.
class HTTP2Connection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  static let connectionWindowBytes: Int32 = 1 << 20
  static let streamWindowBytes: UInt32 = 256 << 10
  private static let recordBytes = 16 << 10
  private static let closeTimeout = Duration.seconds(2)
  /// Plain text gathered before it is encrypted and handed to the socket.
  private static let batchBytes = 64 << 10

  let tls: TLSEngine
  private(set) var session: OpaquePointer?
  private(set) var context: ChannelHandlerContext?
  let streams = StreamTable()
  /// Why the connection ended, when it was not in order.
  private(set) var failure: TLSError?
  /// A frame has begun to arrive since `keepAlive` last looked. Bytes that never make up a frame are silence.
  var hasHeardPeer = false
  /// The peer has sent its settings.
  var isEstablished = false

  private var isHandshaking = true
  private var isPumping = false
  private var isClosing = false
  /// The peer has been told to go; what it still sends is dropped.
  private var isDeaf = false
  /// Plain text on its way out; empty but for its storage.
  private var plaintext = ByteBuffer()
  /// When the bytes came that are being handled.
  private(set) var arrival = NIODeadline.now()
  private let scanner: FrameScanner
  private let isServer: Bool
  private let peerStreams = PeerStreamIDs()
  var timers: [TimerKind: Scheduled<Void>] = [:]
  /// When the deadline timer fires.
  var nextDeadline: NIODeadline?

  init(tls: TLSEngine, isServer: Bool) {
    self.tls = tls
    self.isServer = isServer
    scanner = FrameScanner(skipping: isServer ? FrameScanner.prefaceBytes : 0)
  }

  deinit { if let session { nghttp2_session_del(session) } }

  // MARK: What a side adds; overridden

  /// Judges the peer. A thrown error ends the connection before anything more is sent.
  func handshakeFinished() throws {}
  func makeSession(_ callbacks: OpaquePointer?, _ user: UnsafeMutableRawPointer) -> OpaquePointer? {
    nil
  }
  /// The session exists; submit settings.
  func sessionStarted() {}
  /// The peer's first settings have arrived.
  func established() {}
  /// A TLS record's content of this length has arrived; false ends the session.
  func recordReceived(_ count: Int) -> Bool { true }
  /// A stream for a request that begins; nil refuses it.
  func makeStream(_ id: Int32) -> HTTP2Stream? { nil }
  /// A frame of any type begins to arrive. False when the connection ends, and with it the reading.
  func frameBegins(_ header: nghttp2_frame_hd) -> Bool { true }
  func frameSent(_ frame: UnsafePointer<nghttp2_frame>) {}
  /// Called every keepalive interval.
  func keepAliveTicked() {}
  func controlFrameReceived(_ frame: nghttp2_frame) {}
  func connectionEnded() {}

  // MARK: Channel

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive { advanceHandshake() }
  }

  func handlerRemoved(context: ChannelHandlerContext) {}

  func channelActive(context: ChannelHandlerContext) { advanceHandshake() }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isClosing, !isDeaf else { return }
    arrival = .now()
    unwrapInboundIn(data).withUnsafeReadableBytes { tls.receive($0) }
    if isHandshaking { advanceHandshake() }
    if !isHandshaking { readPlaintext() }
  }

  func channelReadComplete(context: ChannelHandlerContext) { flush() }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { flush() }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    fail(TLSError(ConnectionFailure.text(error)))
  }

  func channelInactive(context: ChannelHandlerContext) {
    isClosing = true
    for timer in timers.values { timer.cancel() }
    timers = [:]
    for stream in streams.removeAll() {
      stream.closed(errorCode: UInt32(NGHTTP2_CONNECT_ERROR.rawValue))
    }
    connectionEnded()
    self.context = nil
  }

  // MARK: Handshake

  private func advanceHandshake() {
    guard !isClosing else { return }
    switch tls.handshake() {
    case .wantsMore: flushTLS()
    case .failed(let error): fail(error)
    case .finished:
      do {
        guard tls.hasNegotiatedHTTP2 else { throw TLSError("the peer does not speak HTTP/2") }
        try handshakeFinished()
        isHandshaking = false
        startSession()
        flush()
      } catch {
        // What TLS has ready, such as a client's certificate, is not for this peer.
        fail(error as? TLSError ?? TLSError("\(error)"), isSilent: true)
      }
    }
  }

  private func startSession() {
    session = SessionCallbacks.with {
      makeSession($0, Unmanaged.passUnretained(self).toOpaque())
    }
    sessionStarted()
    nghttp2_session_set_local_window_size(
      session, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, Self.connectionWindowBytes)
  }

  // MARK: In

  private func readPlaintext() {
    guard !isPumping, let session else { return }
    isPumping = true
    defer { isPumping = false }
    withUnsafeTemporaryAllocation(byteCount: Self.recordBytes, alignment: 1) { buffer in
      while !isClosing, !isDeaf {
        let read = tls.read(into: buffer)
        if tls.hasKeyUpdates, !recordReceived(0) { return }
        switch read {
        case .bytes(let count):
          guard recordReceived(count) else { return }
          receive(UnsafeRawBufferPointer(rebasing: buffer[..<count]), session)
        case .wantsMore: return
        case .closed:
          // What is answered already still goes out; what is not has nobody to wait for it.
          isPumping = false
          flush()
          return fail(nil)
        case .failed(let error): return fail(error)
        }
      }
    }
  }

  /// Passes frames on to the session, each after it has been judged.
  private func receive(_ bytes: UnsafeRawBufferPointer, _ session: OpaquePointer) {
    var rest = bytes
    while !rest.isEmpty, !isClosing {
      let taken: Int
      switch scanner.take(rest) {
      case .content(let count):
        pass(rest, count, to: session)
        taken = count
      case .frame(let header, let count):
        guard isAcceptable(header) else { return }
        pass(rest, count, to: session)
        taken = count
      case .kept(let count): taken = count
      case .completed(let header, let count):
        guard isAcceptable(header) else { return }
        scanner.header.withUnsafeBytes { pass($0, $0.count, to: session) }
        taken = count
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
    }
  }

  private func pass(_ bytes: UnsafeRawBufferPointer, _ count: Int, to session: OpaquePointer) {
    let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    let result = nghttp2_session_mem_recv(session, start, count)
    guard result < 0, !isDeaf else { return }
    let reason = nghttp2_strerror(Int32(result)).map { String(cString: $0) } ?? ""
    fail(TLSError("HTTP/2: \(reason)"))
  }

  private func isAcceptable(_ header: nghttp2_frame_hd) -> Bool {
    hasHeardPeer = true
    return frameBegins(header) && isInOrder(header)
  }

  /// False when the peer goes on with a stream that it has itself ended or passed over: the connection ends.
  private func isInOrder(_ header: nghttp2_frame_hd) -> Bool {
    let id = header.stream_id
    switch UInt32(header.type) {
    case NGHTTP2_HEADERS.rawValue where isServer && peerStreams.begin(id): return true
    case NGHTTP2_HEADERS.rawValue, NGHTTP2_DATA.rawValue:
      guard streams[id] == nil, let fault = peerStreams.fault(on: id) else { return true }
      terminate(fault)
      return false
    default: return true
    }
  }

  /// The peer has said its last on a stream that is closed.
  func peerEnded(_ id: Int32) { peerStreams.end(id) }

  // MARK: Out

  /// Sends what the session has to say, as far as the socket takes it.
  func flush() {
    guard !isPumping, !isClosing, let session else { return }
    isPumping = true
    var batch = ByteBuffer()
    swap(&batch, &plaintext)
    var hasMore = true
    while hasMore, !isClosing, context?.channel.isWritable == true {
      hasMore = Self.gather(session, into: &batch)
      guard batch.withUnsafeReadableBytes({ tls.write($0) }) else {
        isPumping = false
        return fail(TLSError.last("TLS"))
      }
      batch.clear()
      flushTLS()
    }
    swap(&batch, &plaintext)
    isPumping = false
    if nghttp2_session_want_read(session) == 0, nghttp2_session_want_write(session) == 0 {
      fail(nil)
    }
  }

  /// Moves frames from the session into the batch; returns whether there may be more.
  private static func gather(_ session: OpaquePointer, into batch: inout ByteBuffer) -> Bool {
    while batch.readableBytes < batchBytes {
      var bytes: UnsafePointer<UInt8>?
      let count = nghttp2_session_mem_send(session, &bytes)
      guard count > 0 else { return false }
      batch.writeBytes(UnsafeRawBufferPointer(start: bytes, count: count))
    }
    return true
  }

  private func flushTLS(_ promise: EventLoopPromise<Void>? = nil) {
    let count = tls.outputBytes
    guard let context, count > 0 || promise != nil else { return }
    var buffer = context.channel.allocator.buffer(capacity: count)
    buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { tls.takeOutput(into: $0) }
    context.writeAndFlush(wrapOutboundOut(buffer), promise: promise)
  }

  /// Says GOAWAY and closes; at the latest after `closeTimeout`, should the peer not read.
  func terminate(_ code: nghttp2_error_code) {
    guard !isDeaf else { return }
    isDeaf = true
    nghttp2_session_terminate_session(session, code.rawValue)
    schedule(.close, after: Self.closeTimeout) { self.context?.close(promise: nil) }
  }

  /// Closes the connection once the socket has taken what is to be sent, or after `closeTimeout`;
  /// with a reason when it is not in order, and at once when nothing more may be said.
  func fail(_ reason: TLSError?, isSilent: Bool = false) {
    guard !isClosing else { return }
    isClosing = true
    failure = reason
    guard !isSilent, let context else {
      self.context?.close(promise: nil)
      return
    }
    tls.close()
    schedule(.close, after: Self.closeTimeout) { self.context?.close(promise: nil) }
    let promise = context.eventLoop.makePromise(of: Void.self)
    promise.futureResult.assumeIsolated().whenComplete { _ in self.context?.close(promise: nil) }
    flushTLS(promise)
  }
}
