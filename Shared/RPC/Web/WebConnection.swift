import NIOCore
import NIOHTTP1

/// One client's connection to a web server: one request at a time, answered in order.
final class WebConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let core: WebServerCore
  private let transport: WebTLSHandler?
  private let address: String
  private var head: HTTPRequestHead?
  private var body: [UInt8] = []
  private var isTooLong = false
  private var isAnswering = false
  private var isDraining = false
  private var timer: Scheduled<Void>?
  private var context: ChannelHandlerContext?

  init(_ core: WebServerCore, transport: WebTLSHandler?, address: String) {
    self.core = core
    self.transport = transport
    self.address = address
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    limitTime()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    timer?.cancel()
    self.context = nil
    core.remove(context.channel)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is ChannelShouldQuiesceEvent {
      isDraining = true
      if !isAnswering { context.close(promise: nil) }
    }
    context.fireUserInboundEventTriggered(event)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      body = []
      isTooLong = length(of: head) > (core.configuration.maximumBodyBytes ?? 0)
      isAnswering = true
      if head.headers[canonicalForm: "expect"].contains("100-continue") { encourage(head, context) }
    case .body(let bytes):
      let count = body.count + bytes.readableBytes
      isTooLong = isTooLong || count > (core.configuration.maximumBodyBytes ?? 0)
      if !isTooLong { body.append(contentsOf: bytes.readableBytesView) }
    case .end:
      guard let head else { return }
      self.head = nil
      transport?.forgetBytes()
      answer(head, context)
    }
  }

  private func length(of head: HTTPRequestHead) -> Int {
    head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
  }

  /// Tells a client that waits with its body to send it (RFC 9110, 10.1.1), if it would be of use.
  private func encourage(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    guard !isTooLong, head.method == .POST else { return }
    let head = HTTPResponseHead(version: .http1_1, status: .continue)
    context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
  }

  private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    limitTime()
    if let refusal = refusal(of: head) { return send(refusal, to: head, closes: true) }
    let core = core
    let request = WebRequest(
      method: head.method == .POST ? .post : .get, path: head.uri, body: body)
    body = []
    context.eventLoop.makeFutureWithTask { await core.answer(request) }
      .assumeIsolated().whenSuccess { self.send($0, to: head, closes: false) }
  }

  private func refusal(of head: HTTPRequestHead) -> WebResponse? {
    guard core.limits.takeRequest(address) else {
      return .refusal(429, "too many requests", retryAfterSeconds: 1)
    }
    guard methods.contains(head.method) else {
      return .refusal(405, "\(methods.map(\.rawValue).joined(separator: ", ")) only")
    }
    let bytes = head.headers.reduce(head.uri.utf8.count) {
      $0 + $1.name.utf8.count + $1.value.utf8.count + 4
    }
    guard bytes <= core.configuration.maximumHeadBytes else {
      return .refusal(431, "the header fields are too long")
    }
    let hasStrayBody = head.method != .POST && !body.isEmpty
    return isTooLong || hasStrayBody ? .refusal(413, "the body is too long") : nil
  }

  private var methods: [HTTPMethod] {
    core.configuration.maximumBodyBytes == nil ? [.GET, .HEAD] : [.GET, .HEAD, .POST]
  }

  private func send(_ response: WebResponse, to request: HTTPRequestHead, closes: Bool) {
    guard let context else { return }
    let closes = closes || !request.isKeepAlive || isDraining
    var fields: HTTPHeaders = [
      "content-type": response.contentType, "content-length": "\(response.body.count)",
      "cache-control": response.cacheControl, "x-content-type-options": "nosniff",
      "access-control-allow-origin": "*",
    ]
    if response.status == 405 {
      fields.add(name: "allow", value: methods.map(\.rawValue).joined(separator: ", "))
    }
    if let seconds = response.retryAfterSeconds {
      fields.add(name: "retry-after", value: "\(seconds)")
    }
    if closes { fields.add(name: "connection", value: "close") }
    let head = HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: response.status), headers: fields)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if request.method != .HEAD, !response.body.isEmpty {
      let body = context.channel.allocator.buffer(bytes: response.body)
      context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    }
    let written = context.eventLoop.makePromise(of: Void.self)
    written.futureResult.assumeIsolated().whenComplete { _ in
      self.isAnswering = self.head != nil
      self.limitTime()
      if closes || self.isDraining { self.context?.close(promise: nil) }
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
  }

  /// Gives the peer time for what comes next.
  private func limitTime() {
    timer?.cancel()
    timer = context?.eventLoop.assumeIsolated().scheduleTask(
      in: TimeAmount(core.configuration.idleTimeout)
    ) { self.context?.close(promise: nil) }
  }
}
