import CNGHTTP2
import Model

/// A call on the client, from its request to its status.
final class ClientStream: HTTP2Stream {
  private let call: ClientCall
  private let client: ClientConnection
  private var head = ResponseFields()
  private var reader: MessageReader
  private var hasEnded = false
  private var isResponseComplete = false

  init(id: Int32, call: ClientCall, on client: ClientConnection) {
    self.call = call
    self.client = client
    reader = MessageReader(maximumBytes: client.maximumMessageBytes)
    super.init(id: id, connection: client)
  }

  func start() {
    send(call.body)
    finishSending()
    guard let deadline = call.deadline else { return }
    self.deadline = deadline
    connection.watch(deadline)
  }

  // MARK: Response

  override func received(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) -> Bool {
    head.add(name: name, value: value)
    return true
  }

  override func receivedHeaders(isLast: Bool) {
    if let refusal = head.refusal(isLast: isLast) { return end(refusal) }
    if isLast { receivedEnd() }
  }

  override func received(_ bytes: UnsafeRawBufferPointer) {
    guard !hasEnded else { return acknowledge() }
    do throws(MessageFault) {
      try reader.read(bytes) { call.inbound.offer($0) }
    } catch {
      return end(error.status)
    }
    if call.method.kind == .unary || !call.inbound.hasBacklog { acknowledge() }
  }

  override func receivedEnd() {
    isResponseComplete = true
    guard let status = head.status else {
      return end(RPCStatus(code: .internal, message: "the response ended without a status"))
    }
    guard reader.isBetweenMessages || status.code != .ok else {
      return end(RPCStatus(code: .internal, message: "the response ended within a message"))
    }
    end(status.code == .ok ? nil : status)
  }

  // MARK: Ends

  override func expired() {
    end(RPCStatus(code: .deadlineExceeded, message: "the deadline of the call has passed"))
  }

  func cancel() { end(RPCStatus(code: .cancelled, message: "the call was cancelled")) }

  override func closed(errorCode: UInt32) {
    let isUntouched = errorCode == NGHTTP2_REFUSED_STREAM.rawValue
    let message: String
    let code: StatusCode
    switch errorCode {
    case NGHTTP2_REFUSED_STREAM.rawValue:
      (code, message) = (.unavailable, "the server refused the stream")
    case NGHTTP2_CONNECT_ERROR.rawValue: (code, message) = (.unavailable, client.lossReason)
    case NGHTTP2_CANCEL.rawValue: (code, message) = (.cancelled, "the server cancelled the stream")
    case NGHTTP2_ENHANCE_YOUR_CALM.rawValue:
      (code, message) = (.resourceExhausted, "the server asked for calm")
    default: (code, message) = (.internal, "the stream was reset with HTTP/2 error \(errorCode)")
    }
    end(RPCStatus(code: code, message: message), isUntouched: isUntouched, isClosed: true)
  }

  /// Ends the call, once, and the stream with it unless it is closed already.
  private func end(_ status: RPCStatus?, isUntouched: Bool = false, isClosed: Bool = false) {
    guard !hasEnded else { return }
    hasEnded = true
    deadline = nil
    client.callEnded(call)
    call.end(status, isUntouched: isUntouched)
    discardOutgoing()
    let isOver = isClosed || isResponseComplete && isSendingDone
    if !isOver { connection.reset(id, NGHTTP2_CANCEL) }
  }
}
