import CNGHTTP2
import Model
import NIOCore

/// A call on the client, from its request to its status.
final class ClientStream: HTTP2Stream {
  private let call: ClientCall
  private let client: ClientConnection
  private var head = ResponseFields()
  private var reader: MessageReader
  private var responses = 0
  /// The request's header fields have left.
  private var hasBegun = false
  private var hasEnded = false
  private var isResponseComplete = false

  init(id: Int32, call: ClientCall, on client: ClientConnection) {
    self.call = call
    self.client = client
    reader = MessageReader(maximumBytes: client.maximumMessageBytes)
    super.init(id: id, connection: client)
  }

  func start() {
    if let body = call.body {
      send(body)
      finishSending()
    }
    guard let deadline = call.deadline.map(NIODeadline.init) else { return }
    self.deadline = deadline
    connection.watch(deadline)
  }

  func begin() { hasBegun = true }

  override func sent(_ count: Int) { call.outbound?.sent(count) }

  // MARK: Response

  override func received(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) -> Bool {
    head.add(name: name, value: value)
    guard head.isTooLong else { return true }
    end(
      RPCStatus(
        code: .resourceExhausted,
        message: "the header fields are longer than \(ResponseFields.limitBytes) bytes"))
    return false
  }

  override func receivedHeaders(isLast: Bool) {
    head.endBlock(isLast: isLast)
    call.received?.set(initial: head.initialMetadata, trailing: head.trailingMetadata)
    if let refusal = head.refusal(isLast: isLast) { return end(refusal) }
    reader.acceptsGzip = head.encoding == .gzip
    if isLast { receivedEnd() }
  }

  override func received(_ bytes: UnsafeRawBufferPointer) {
    guard !hasEnded else { return acknowledge() }
    do throws(MessageFault) {
      try reader.read(bytes) { message in
        responses += 1
        if responses == 1 || !call.method.kind.hasOneResponse { call.inbound.offer(message) }
      }
    } catch {
      return end(error.status)
    }
    guard call.method.kind.hasOneResponse else {
      if !call.inbound.hasBacklog { acknowledge() }
      return
    }
    acknowledge()
    if responses > 1 { end(Self.wrongNumberOfResponses) }
  }

  override func receivedEnd() {
    isResponseComplete = true
    guard let status = head.status else {
      return end(RPCStatus(code: .internal, message: "the response ended without a status"))
    }
    guard status.code == .ok else {
      // What a server says that takes no more calls, it says of them all.
      let isGoing = status.code == .unavailable && client.isDraining
      return end(status, isGoing ? lost : .ended)
    }
    guard reader.isBetweenMessages else {
      return end(RPCStatus(code: .internal, message: "the response ended within a message"))
    }
    let isMissing = call.method.kind.hasOneResponse && responses == 0
    end(isMissing ? Self.wrongNumberOfResponses : nil)
  }

  /// The code is the one that gRPC's table of status codes gives for it.
  private static let wrongNumberOfResponses = RPCStatus(
    code: .unimplemented, message: "the response does not have exactly one message")

  // MARK: Ends

  override func expired() {
    end(RPCStatus(code: .deadlineExceeded, message: "the deadline of the call has passed"))
  }

  func cancel() { end(.callCancelled) }

  override func closed(errorCode: UInt32) {
    if isResponseComplete { connection.peerEnded(id) }
    var progress = AttemptProgress.ended
    let message: String
    let code: StatusCode
    switch errorCode {
    case NGHTTP2_REFUSED_STREAM.rawValue:
      (code, message) = (.unavailable, "the server refused the stream")
      progress = .notBegun
    case NGHTTP2_CONNECT_ERROR.rawValue:
      (code, message) = (.unavailable, client.lossReason)
      progress = hasBegun ? lost : .notBegun
    case NGHTTP2_CANCEL.rawValue: (code, message) = (.cancelled, "the server cancelled the stream")
    case NGHTTP2_ENHANCE_YOUR_CALM.rawValue:
      (code, message) = (.resourceExhausted, "the server asked for calm")
    default: (code, message) = (.internal, "the stream was reset with HTTP/2 error \(errorCode)")
    }
    end(RPCStatus(code: code, message: message), progress, isClosed: true)
  }

  private var lost: AttemptProgress { client.handle.map(AttemptProgress.lost) ?? .ended }

  /// Ends the call, once, and the stream with it unless it is closed already.
  private func end(
    _ status: RPCStatus?, _ progress: AttemptProgress = .ended, isClosed: Bool = false
  ) {
    guard !hasEnded else { return }
    hasEnded = true
    deadline = nil
    discardOutgoing()
    let isOver = isClosed || isResponseComplete && isSendingDone
    if !isOver { connection.reset(id, NGHTTP2_CANCEL) }
    client.callEnded(call)
    call.end(status, progress)
  }
}
