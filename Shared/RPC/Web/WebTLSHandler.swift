import NIOCore

/// TLS between the socket and the handlers behind it, for a server that asks nobody who they are and for its client.
/// Confined to its channel's event loop.
final class WebTLSHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// Fired when the peer may be spoken to.
  struct HandshakeFinished {}

  private static let recordBytes = 16 << 10
  private let tls: TLSEngine
  private let limit: Int
  private var context: ChannelHandlerContext?
  private var isHandshaking = true
  private var isClosed = false
  /// Bytes read since `forgetBytes` was called last.
  private(set) var received = 0

  /// - Parameter limit: bytes of plain text after which the peer is cut off, unless `forgetBytes` is called before.
  init(_ tls: TLSEngine, limit: Int) {
    self.tls = tls
    self.limit = limit
  }

  /// What has been read was of use.
  func forgetBytes() { received = 0 }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  /// A client's first step.
  func beginHandshake() {
    if let context { advanceHandshake(context) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isClosed else { return }
    unwrapInboundIn(data).withUnsafeReadableBytes { tls.receive($0) }
    if isHandshaking { advanceHandshake(context) }
    if !isHandshaking { readPlaintext(context) }
  }

  private func advanceHandshake(_ context: ChannelHandlerContext) {
    var failure: TLSError?
    switch tls.handshake() {
    case .wantsMore: break
    case .finished:
      isHandshaking = false
      tls.watchKeyUpdates()
    case .failed(let error): failure = error
    }
    isClosed = failure != nil
    flushTLS(context, nil)
    if let failure {
      context.fireErrorCaught(failure)
      context.close(promise: nil)
    } else if !isHandshaking {
      context.fireUserInboundEventTriggered(HandshakeFinished())
    }
  }

  private func readPlaintext(_ context: ChannelHandlerContext) {
    var buffer = context.channel.allocator.buffer(capacity: Self.recordBytes)
    while !isClosed {
      buffer.clear()
      var outcome = TLSEngine.Read.wantsMore
      buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.recordBytes) { bytes in
        outcome = tls.read(into: bytes)
        if case .bytes(let count) = outcome { return count }
        return 0
      }
      // A key update costs a signature's worth of work and brings nothing.
      received += buffer.readableBytes + tls.takeKeyUpdates() * limit / 4
      guard received <= limit else {
        context.fireErrorCaught(WebFailure.tooLong("body"))
        return cutOff(context)
      }
      switch outcome {
      case .bytes: context.fireChannelRead(wrapInboundOut(buffer))
      case .wantsMore: return
      case .closed, .failed: return cutOff(context)
      }
    }
  }

  private func cutOff(_ context: ChannelHandlerContext) {
    isClosed = true
    context.close(promise: nil)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard unwrapOutboundIn(data).withUnsafeReadableBytes({ encrypt($0) }) else {
      promise?.fail(ChannelError.ioOnClosedChannel)
      return cutOff(context)
    }
    flushTLS(context, promise)
  }

  private func encrypt(_ bytes: UnsafeRawBufferPointer) -> Bool {
    !isHandshaking && !isClosed && tls.write(bytes)
  }

  private func flushTLS(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
    let count = tls.outputBytes
    guard count > 0 || promise != nil else { return }
    var buffer = context.channel.allocator.buffer(capacity: count)
    buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { tls.takeOutput(into: $0) }
    context.writeAndFlush(wrapOutboundOut(buffer), promise: promise)
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    if !isClosed, !isHandshaking {
      isClosed = true
      tls.close()
      flushTLS(context, nil)
    }
    context.close(mode: mode, promise: promise)
  }
}
