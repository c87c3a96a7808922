import CNGHTTP2
import Model
import NIOCore

/// A call on the server, from its first header field to its last byte; `CallState` says where it stands.
final class ServerStream: HTTP2Stream {
  private let server: ServerConnection
  private var state = CallState.head
  private let head: RequestHead
  private var reader: MessageReader
  private var method: RegisteredMethod?
  private var request: ReceivedMessage?
  private var isRequestComplete = false
  /// What the connection has been told that this call holds.
  private var heldBytes = 0
  private var limits: CallLimits?
  private var call: ServerCall?
  private var isHeadSent = false
  private var outcome: RPCStatus?
  private var coding = ResponseCoding.plain
  private var initialMetadata = Metadata()
  private var trailingMetadata = Metadata()

  init(id: Int32, on server: ServerConnection) {
    self.server = server
    head = RequestHead(
      limit: server.core.configuration.maximumHeaderListBytes, methods: server.core.methods)
    reader = MessageReader(maximumBytes: server.core.configuration.maximumMessageBytes)
    super.init(id: id, connection: server)
  }

  // MARK: Request

  override func received(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) -> Bool {
    guard case .head = state else { return true }
    return head.add(name: name, value: value)
  }

  override func receivedHeaders(isLast: Bool) {
    if head.bytes > server.core.configuration.maximumHeaderListBytes { server.headersExceeded() }
    isRequestComplete = isLast
    if case .head = state { acceptHead() }
    if isLast { requestEnded() }
  }

  private func acceptHead() {
    guard head.isPost else { return respond(httpStatus: "405") }
    guard head.contentType != .other else { return respond(httpStatus: "415") }
    guard let method = head.method else {
      return refuse(.unknownMethod(path: head.unknownPath))
    }
    self.method = method
    if let refusal = head.refusal { return refuse(refusal) }
    if let expiry = server.peer.certificate?.notAfter, expiry < server.core.clock.now() {
      return refuse(.certificateExpired)
    }
    limits = server.limits(of: method)
    if limits?.isFull != false { return refuseUnread() }
    acceptGzip()
    let kind = method.descriptor.kind
    setDeadline(of: kind)
    if kind.hasStreamOfRequests { return start(method, ReceivedMessage([])) }
    guard state.advance(.awaitRequest) else { return }
    if !isRequestComplete, !updateHeld() { refuse(.overloaded) }
  }

  /// Lets a caller that compresses do so, and answers it alike where it takes that.
  private func acceptGzip() {
    guard head.encoding == .gzip else { return }
    reader.acceptsGzip = true
    let compresses = head.acceptsGzip && server.core.configuration.compressesResponses
    coding = compresses ? .gzip : .acceptsGzip
  }

  override func received(_ bytes: UnsafeRawBufferPointer) {
    do throws(MessageFault) {
      switch state {
      case .request:
        acknowledge()
        var count = request == nil ? 0 : 1
        try reader.read(bytes) { message in
          server.messageReceived(message.bytes.count)
          request = message
          count += 1
        }
        if count > 1 { return refuse(.wrongNumberOfRequests) }
        let isWhole = reader.isBetweenMessages
        if !(isWhole ? hold(bytes.count) : updateHeld()) { refuse(.overloaded) }
      case .running:
        try reader.read(bytes) {
          server.messageReceived($0.bytes.count)
          call?.inbound?.offer($0)
        }
        if call?.inbound?.hasBacklog != true { acknowledge() }
        if !updateHeld() { refuse(.overloaded) }
      case .head, .answering, .closed: acknowledge()
      }
    } catch {
      refuse(CallRefusal(error))
    }
  }

  /// Held without being counted, so that calls of ordinary size cost no bookkeeping. The number of streams of a
  /// connection bounds what this adds up to.
  private static let freeBytes = 1 << 10

  /// Tells the connection how many bytes this call holds now; false when there are too many in all.
  private func updateHeld() -> Bool {
    var count = waitingBytes
    switch state {
    case .request: count += head.bytes + reader.heldBytes + (request?.bytes.count ?? 0)
    case .running: count += head.bytes + reader.heldBytes + unacknowledgedBytes
    case .answering: count += head.bytes
    case .head, .closed: break
    }
    guard count > Self.freeBytes || heldBytes > 0 else { return true }
    defer { heldBytes = count }
    return server.held.change(by: count - heldBytes)
  }

  /// As `updateHeld`, where all that the call holds is a message that came or goes in one piece of this length.
  private func hold(_ count: Int) -> Bool {
    count <= Self.freeBytes && heldBytes == 0 || updateHeld()
  }

  /// As `updateHeld`, where the call can only hold less than before.
  private func releaseHeld() {
    if heldBytes > 0 { _ = updateHeld() }
  }

  /// The handler has taken this many bytes of requests.
  func consumed(_ count: Int) {
    acknowledge(count)
    releaseHeld()
  }

  override func receivedEnd() {
    isRequestComplete = true
    requestEnded()
  }

  private func requestEnded() {
    switch state {
    case .request:
      guard reader.isBetweenMessages else { return refuse(.malformedRequest("truncated message")) }
      guard let method, let request else { return refuse(.wrongNumberOfRequests) }
      self.request = nil
      start(method, request)
    case .running:
      let isWhole = reader.isBetweenMessages
      guard isWhole else { return refuse(.malformedRequest("truncated message")) }
      call?.inbound?.finish(.success(()))
    case .head, .answering, .closed: break
    }
  }

  // MARK: Handler

  private func setDeadline(of kind: MethodKind) {
    let configuration = server.core.configuration
    let limit =
      kind == .unary ? configuration.maximumTimeout : configuration.maximumStreamTimeout
    let requestLimit: Duration?
    switch kind {
    case .unary, .serverStreaming: requestLimit = configuration.maximumTimeout
    case .clientStreaming, .bidirectional: requestLimit = nil
    }
    guard let timeout = head.timeout ?? requestLimit else { return }
    let deadline = server.arrival + TimeAmount(min(timeout, limit))
    self.deadline = deadline
    connection.watch(deadline)
  }

  private func start(_ method: RegisteredMethod, _ request: ReceivedMessage) {
    guard let mailbox = server.mailbox, let limits, limits.enter() else { return refuseUnread() }
    guard state.advance(.start) else { return limits.leave() }
    if method.descriptor.kind == .serverStreaming, head.timeout == nil { deadline = nil }
    let context = CallContext(
      method: method.descriptor, peer: server.peer, metadata: head.metadata, deadline: deadline,
      language: head.language ?? .vi, trace: server.newSpan(of: head.trace),
      responsePort: ResponsePort(
        mailbox: mailbox, stream: id, compression: coding == .gzip ? MessageCompression() : nil))
    let call = ServerCall(
      context, on: id, mailbox: mailbox, core: server.core, limits: limits,
      started: server.arrival)
    self.call = call
    releaseHeld()
    call.start(method, request)
  }

  /// The handler adds fields to its response.
  func add(_ metadata: Metadata, isTrailing: Bool) {
    guard case .running = state else { return }
    isTrailing ? trailingMetadata.add(metadata) : initialMetadata.add(metadata)
  }

  /// The handler writes a message.
  func write(_ framed: [UInt8]) {
    guard case .running = state else { return }
    sendHead()
    send(framed)
    if !updateHeld() { refuse(.overloaded) }
  }

  /// How long the handler has been at work; nil when it is not.
  var age: Duration? { call?.age }

  /// The handler has ended.
  func finish(_ outcome: CallOutcome) {
    guard case .running = state, let call else { return }
    switch outcome {
    case .response(let framed):
      send(framed)
      guard hold(framed.count) else { return refuse(.overloaded) }
      sendHead()
      answer(nil)
    case .completed: answer(nil)
    case .failed(let error):
      answer(server.core.errors.status(for: error, of: call.context.method, call.context))
    }
  }

  override func sent(_ count: Int) {
    call?.outbound?.sent(count)
    releaseHeld()
  }

  // MARK: Ends

  override func expired() {
    if case .answering = state {
      // The client does not take the answer.
      connection.reset(id, NGHTTP2_CANCEL)
    } else {
      refuse(.deadlinePassed)
    }
  }

  func abort() { refuse(.shuttingDown) }

  override func closed(errorCode: UInt32) {
    if isRequestComplete { connection.peerEnded(id) }
    call?.cancel()
    call?.end(.cancelled)
    discardOutgoing()
    request = nil
    _ = state.advance(.close)
    releaseHeld()
  }

  private func refuse(_ refusal: CallRefusal) {
    if case .running = state { call?.cancel() }
    discardOutgoing()
    answer(RPCStatus(refusal, language: head.language ?? .vi))
  }

  /// The call is one too many, and nothing has been done for it.
  private func refuseUnread() {
    guard state.advance(.answer) else { return }
    request = nil
    releaseHeld()
    noteRefusal(.resourceExhausted)
    ResponseHead.submitOverloaded(head.language ?? .vi, to: connection.session, id)
  }

  /// Sends the status, nil meaning OK: after the messages that are queued, or at once when there are none.
  private func answer(_ status: RPCStatus?) {
    guard state.advance(.answer) else { return }
    request = nil
    releaseHeld()
    limitAnswer()
    outcome = status
    if let call {
      call.end(status?.code ?? .ok)
    } else {
      noteRefusal(status?.code ?? .ok)
    }
    if let status, !isHeadSent, initialMetadata.isEmpty {
      ResponseHead.submitTrailersOnly(status, trailingMetadata, coding, to: connection.session, id)
    } else {
      sendHead()
      finishSending()
    }
  }

  /// A client that does not read its answer keeps the stream no longer than the deadline, or else than a unary call may take.
  private func limitAnswer() {
    guard deadline == nil else { return }
    let limit = NIODeadline.now() + TimeAmount(server.core.configuration.maximumTimeout)
    deadline = limit
    connection.watch(limit)
  }

  /// The call has ended before there was a handler to run.
  private func noteRefusal(_ status: StatusCode) {
    server.core.interceptors.refused(method?.descriptor, from: server.peer, status: status)
  }

  /// To what is not gRPC; gRPC clients take these HTTP statuses for UNKNOWN.
  private func respond(httpStatus: String) {
    guard state.advance(.answer) else { return }
    noteRefusal(.unknown)
    ResponseHead.submitRefusal(httpStatus: httpStatus, to: connection.session, id)
  }

  private func sendHead() {
    guard !isHeadSent else { return }
    isHeadSent = true
    ResponseHead.submit(initialMetadata, coding, to: connection.session, id)
  }

  override func sendTrailers() -> Bool {
    ResponseHead.submitTrailers(outcome, trailingMetadata, to: connection.session, id)
    return true
  }

  /// The end of the response is on its way: a client that is still sending may stop (RFC 9113, 8.1).
  func endSent() {
    if !isRequestComplete { connection.reset(id, NGHTTP2_NO_ERROR) }
  }
}
