import Model
import Synchronization

/// How far an attempt at a call got that has failed; decides with its status whether it may be repeated.
enum AttemptProgress: Sendable {
  /// The server is known not to have looked at the call.
  case notBegun
  /// It met a connection that takes no more calls, and nothing of it was sent.
  case notSent
  /// The connection has gone, or its server is about to go; all its calls with it.
  case lost(ClientConnectionHandle)
  /// The server has answered, or the call has ended on this side.
  case ended
}

/// One attempt at a call, shared by the task that waits for it and the connection that carries it.
final class ClientCall: Sendable {
  private struct State {
    var hasEnded = false
    var failure: RPCStatus?
    var progress = AttemptProgress.ended
  }

  let number: UInt64
  let method: MethodDescriptor
  let fields: HeaderBlock
  /// The one framed request; nil when requests are written as a stream.
  let body: [UInt8]?
  let deadline: ContinuousClock.Instant?
  let received: ReceivedMetadata?
  /// Responses, and the status as their end.
  let inbound: InboundMessages
  /// Requests of a stream.
  let outbound: OutboundMessages?

  private let connection: ClientConnectionHandle
  private let state = Mutex(State())

  /// - Parameter bufferBytes: of a stream of requests, those that may wait for flow control.
  init(
    _ method: MethodDescriptor, fields: HeaderBlock, body: [UInt8]?, bufferBytes: Int,
    deadline: ContinuousClock.Instant?, received: ReceivedMetadata? = nil,
    on connection: ClientConnectionHandle
  ) {
    let number = connection.nextCallNumber()
    self.number = number
    self.method = method
    self.fields = fields
    self.body = body
    self.deadline = deadline
    self.received = received
    self.connection = connection
    let mailbox = connection.mailbox
    inbound = InboundMessages(isHeldUntilEnd: method.kind.hasOneResponse) {
      mailbox.post(.consumed(number, $0))
    }
    outbound =
      body == nil
      ? OutboundMessages(limitBytes: bufferBytes) { mailbox.post(.message(number, $0)) } : nil
  }

  func start() { connection.mailbox.post(.start(self)) }

  /// Nobody waits any more: resets the stream if it is still open.
  func cancel() {
    if !hasEnded { connection.mailbox.post(.cancel(number)) }
  }

  /// After the messages written, the end of the requests.
  func finishSending() { connection.mailbox.post(.finishSending(number)) }

  /// Hands a framed request to the connection, when flow control has room for it.
  func write(_ framed: [UInt8]) async throws {
    do {
      try await outbound?.write(framed)
    } catch {
      throw state.withLock(\.failure) ?? error
    }
  }

  /// The first response, or nil when there is none; a call that is abandoned here is cancelled.
  func firstMessage() async throws(RPCStatus) -> ReceivedMessage? {
    do {
      return try await inbound.next()
    } catch {
      cancel()
      throw error as? RPCStatus ?? RPCStatus(code: .internal, message: "\(error)")
    }
  }

  /// The call has ended with this status; nil is OK.
  func end(_ status: RPCStatus?, _ progress: AttemptProgress = .ended) {
    state.withLock { $0 = State(hasEnded: true, failure: status, progress: progress) }
    inbound.finish(status.map { .failure($0) } ?? .success(()))
    outbound?.close()
  }

  var hasEnded: Bool { state.withLock(\.hasEnded) }
  var progress: AttemptProgress { state.withLock(\.progress) }
}

/// What reaches a client's connection from other threads.
enum ClientEvent: Sendable {
  case start(ClientCall)
  /// A framed request of a stream.
  case message(UInt64, [UInt8])
  /// No more requests follow.
  case finishSending(UInt64)
  case cancel(UInt64)
  case consumed(UInt64, Int)
  /// Finish the open calls, then close.
  case retire
  case close
}

extension MethodKind {
  var hasOneResponse: Bool { self == .unary || self == .clientStreaming }
}
