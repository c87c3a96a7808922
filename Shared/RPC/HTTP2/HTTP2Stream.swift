import NIOCore

/// One call's HTTP/2 stream, on the event loop of its connection. The two sides subclass it.
class HTTP2Stream {
  let id: Int32
  /// The connection lets go of its streams when it ends, which undoes the cycle.
  let connection: HTTP2Connection
  /// When the call must have ended.
  var deadline: NIODeadline?

  /// Messages that wait for flow control.
  private var outgoing = OutgoingQueue()
  private var isLastQueued = false
  private var isDeferred = false
  /// Everything has been handed to the session, the end included.
  private(set) var isSendingDone = false
  /// Bytes received that flow control has not been told are consumed.
  private(set) var unacknowledgedBytes = 0
  /// When it was first seen that the peer takes nothing of what waits.
  var stalledSince: NIODeadline?

  init(id: Int32, connection: HTTP2Connection) {
    self.id = id
    self.connection = connection
  }

  // MARK: What arrives; overridden

  /// A header field. Returns false to reset the stream.
  func received(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) -> Bool { true }
  /// The end of a block of header fields.
  func receivedHeaders(isLast: Bool) {}
  func received(_ bytes: UnsafeRawBufferPointer) {}
  /// The peer has ended its direction.
  func receivedEnd() {}
  /// The deadline has passed.
  func expired() {}
  /// The stream is gone; nothing more will arrive or be sent.
  func closed(errorCode: UInt32) {}
  /// Bytes of messages have left the queue.
  func sent(_ count: Int) {}
  /// All messages have been sent: submit the trailers, if the side has any. Returns whether trailers end the stream.
  func sendTrailers() -> Bool { false }

  // MARK: What is sent

  func send(_ message: [UInt8]) {
    outgoing.append(message)
    resume()
  }

  /// After what is queued, the trailers or the end.
  func finishSending() {
    isLastQueued = true
    resume()
  }

  /// Bytes of messages that wait for flow control.
  var waitingBytes: Int { outgoing.byteCount }

  func discardOutgoing() { outgoing.removeAll() }

  private func resume() {
    guard isDeferred else { return }
    isDeferred = false
    connection.resumeSending(on: id)
  }

  enum Pull {
    case bytes(Int, isLast: Bool)
    case nothingYet
  }

  /// Called by the session when it may send.
  func pull(into buffer: UnsafeMutableRawBufferPointer) -> Pull {
    let count = outgoing.take(into: buffer)
    if count > 0 {
      stalledSince = nil
      sent(count)
    }
    if outgoing.isEmpty && isLastQueued {
      isSendingDone = true
      return .bytes(count, isLast: true)
    }
    guard count > 0 else {
      isDeferred = true
      return .nothingYet
    }
    return .bytes(count, isLast: false)
  }

  // MARK: Flow control of what arrives

  func noteReceived(_ count: Int) { unacknowledgedBytes += count }

  /// Opens the stream's window again by up to this many of the bytes received.
  func acknowledge(_ count: Int = .max) {
    let acknowledged = min(count, unacknowledgedBytes)
    guard acknowledged > 0 else { return }
    unacknowledgedBytes -= acknowledged
    connection.acknowledge(acknowledged, on: id)
  }
}
