import NIOCore
import NIOHTTP1

/// A request that got no answer, and how far it came.
struct WebLoss: Error {
  let failure: WebFailure
  /// Nothing of the request was sent.
  var isUnsent = false
  /// Something of the answer has come.
  var hasBegun = false

  /// Whether the request may be made once more on a new connection, when this one was an old one.
  func mayRepeat(_ request: WebClientRequest) -> Bool {
    isUnsent || failure == .ended && !hasBegun && request.post == nil
  }
}

/// One connection of a client to its web server: one request at a time. Confined to its channel's event loop, but for
/// the static functions.
final class WebClientConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart
  typealias Outcome = Result<(answer: WebAnswer, isReusable: Bool), WebLoss>

  private struct Pending {
    let promise: EventLoopPromise<Outcome>
    var head: HTTPResponseHead?
    var body: [UInt8] = []
  }

  private let address: WebAddress
  private let configuration: WebClientConfiguration
  private let transport: WebTLSHandler?
  private var isEstablished = false
  private var failure: WebFailure?
  private var establishment: EventLoopPromise<Result<Void, WebFailure>>?
  private var pending: Pending?
  private var timer: Scheduled<Void>?
  private var context: ChannelHandlerContext?

  private init(
    _ address: WebAddress, _ configuration: WebClientConfiguration, _ transport: WebTLSHandler?
  ) {
    self.address = address
    self.configuration = configuration
    self.transport = transport
  }

  // MARK: From outside

  /// Makes the handlers of a new connection; in plain text without `tls`.
  static func prepare(
    _ channel: any Channel, _ tls: WebClientTLS?, _ address: WebAddress,
    _ configuration: WebClientConfiguration
  ) throws {
    let pipeline = channel.pipeline.syncOperations
    // Chunks may be as small as their framing.
    let limit = configuration.maximumHeadBytes + 8 * configuration.maximumBodyBytes
    let transport = try tls.map { WebTLSHandler(try $0.engine(), limit: limit) }
    if let transport { try pipeline.addHandler(transport) }
    try pipeline.addHTTPClientHandlers(leftOverBytesStrategy: .dropBytes)
    try pipeline.addHandler(WebClientConnection(address, configuration, transport))
  }

  /// Verifies the server.
  static func established(
    _ channel: any Channel, by deadline: NIODeadline
  ) async -> Result<Void, WebFailure> {
    let lost = Result<Void, WebFailure>.failure(.unreachable("\(WebFailure.ended)"))
    let outcome = channel.eventLoop.flatSubmit {
      let handler = try? channel.pipeline.syncOperations.handler(type: WebClientConnection.self)
      return handler?.establish(by: deadline) ?? channel.eventLoop.makeSucceededFuture(lost)
    }
    return (try? await outcome.get()) ?? lost
  }

  static func exchange(
    _ request: WebClientRequest, on channel: any Channel, by deadline: NIODeadline
  ) async -> Outcome {
    let lost = Outcome.failure(WebLoss(failure: .ended, isUnsent: true))
    let outcome = channel.eventLoop.flatSubmit {
      let handler = try? channel.pipeline.syncOperations.handler(type: WebClientConnection.self)
      return handler?.send(request, by: deadline) ?? channel.eventLoop.makeSucceededFuture(lost)
    }
    return (try? await outcome.get()) ?? lost
  }

  // MARK: Its life

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is WebTLSHandler.HandshakeFinished { establish() }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error {
    case let error as WebFailure: fail(error)
    case let error as TLSError:
      fail(isEstablished ? .malformed("\(error)") : .untrusted("\(error)"))
    case HTTPParserError.headerOverflow: fail(.tooLong("head"))
    case HTTPParserError.invalidEOFState: fail(.ended)
    case let error as HTTPParserError: fail(.malformed("\(error)"))
    default: fail(.ended)
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    fail(.ended)
    self.context = nil
  }

  private func establish() {
    isEstablished = true
    timer?.cancel()
    establishment?.succeed(.success(()))
    establishment = nil
  }

  private func establish(by deadline: NIODeadline) -> EventLoopFuture<Result<Void, WebFailure>>? {
    guard let context, failure == nil else { return nil }
    let promise = context.eventLoop.makePromise(of: Result<Void, WebFailure>.self)
    establishment = promise
    limitTime(to: deadline, .unreachable("TLS handshake timed out"))
    if let transport { transport.beginHandshake() } else { establish() }
    return promise.futureResult
  }

  /// Ends the connection, and whatever waits for it.
  private func fail(_ failure: WebFailure) {
    timer?.cancel()
    if self.failure == nil { self.failure = failure }
    establishment?.succeed(.failure(failure == .ended ? .unreachable("\(failure)") : failure))
    establishment = nil
    if let pending {
      self.pending = nil
      let hasBegun = pending.head != nil || (transport?.received ?? 0) > 0
      pending.promise.succeed(.failure(WebLoss(failure: failure, hasBegun: hasBegun)))
    }
    context?.close(promise: nil)
  }

  private func limitTime(to deadline: NIODeadline, _ failure: WebFailure) {
    timer?.cancel()
    timer = context?.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
      self.fail(failure)
    }
  }

  // MARK: Request and answer

  private func send(
    _ request: WebClientRequest, by deadline: NIODeadline
  ) -> EventLoopFuture<Outcome>? {
    guard let context, context.channel.isActive, isEstablished, failure == nil, pending == nil
    else { return nil }
    let promise = context.eventLoop.makePromise(of: Outcome.self)
    pending = Pending(promise: promise)
    transport?.forgetBytes()
    limitTime(to: deadline, .timedOut)
    var fields: HTTPHeaders = ["host": address.hostField, "user-agent": "ndx"]
    if let post = request.post {
      fields.add(name: "content-type", value: post.contentType)
      fields.add(name: "content-length", value: "\(post.body.count)")
    }
    let head = HTTPRequestHead(
      version: .http1_1, method: request.post == nil ? .GET : .POST,
      uri: address.path + request.path, headers: fields)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if let body = request.post?.body, !body.isEmpty {
      let buffer = context.channel.allocator.buffer(bytes: body)
      context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    return promise.futureResult
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard pending != nil else { return fail(.malformed("an answer to no request")) }
    switch unwrapInboundIn(data) {
    case .head(let head):
      if let refusal = refusal(of: head) { return fail(refusal) }
      pending?.head = head
    case .body(let bytes):
      pending?.body.append(contentsOf: bytes.readableBytesView)
      if pending?.body.count ?? 0 > configuration.maximumBodyBytes { fail(.tooLong("body")) }
    case .end: finish()
    }
  }

  private func refusal(of head: HTTPResponseHead) -> WebFailure? {
    let bytes = head.headers.reduce(head.status.reasonPhrase.utf8.count + 15) {
      $0 + $1.name.utf8.count + $1.value.utf8.count + 4
    }
    guard bytes <= configuration.maximumHeadBytes else { return .tooLong("head") }
    let codings = head.headers[canonicalForm: "content-encoding"]
    guard codings.allSatisfy({ $0.lowercased() == "identity" }) else {
      return .malformed("a content coding that was not asked for")
    }
    let length = head.headers.first(name: "content-length").flatMap { Int($0) }
    let isChunked = head.headers[canonicalForm: "transfer-encoding"].last?.lowercased() == "chunked"
    let hasNone = head.status == .noContent || head.status == .notModified
    // A body that ends with the connection could end anywhere.
    guard length != nil || isChunked || hasNone else {
      return .malformed("a body without a length")
    }
    return length ?? 0 > configuration.maximumBodyBytes ? .tooLong("body") : nil
  }

  private func finish() {
    guard let context, let pending, let head = pending.head else { return }
    self.pending = nil
    limitTime(to: .now() + TimeAmount(configuration.idleTimeout), .ended)
    let answer = WebAnswer(
      status: Int(head.status.code),
      contentType: head.headers.first(name: "content-type") ?? "",
      retryAfterSeconds: head.headers.first(name: "retry-after").flatMap { Int($0) },
      body: pending.body)
    let isReusable = head.isKeepAlive && context.channel.isActive
    pending.promise.succeed(.success((answer, isReusable)))
  }
}
