import Model
import Synchronization

/// One attempt at a call, shared by the task that waits for it and the connection that carries it.
final class ClientCall: Sendable {
  let number: UInt64
  let method: MethodDescriptor
  let fields: HeaderBlock
  /// The framed request.
  let body: [UInt8]
  let deadline: ContinuousClock.Instant?
  /// Responses, and the status as their end.
  let inbound: InboundMessages

  private let connection: ClientConnectionHandle
  private let isUntouched = Atomic(false)

  init(
    _ method: MethodDescriptor, fields: HeaderBlock, body: [UInt8],
    deadline: ContinuousClock.Instant?, on connection: ClientConnectionHandle
  ) {
    let number = connection.nextCallNumber()
    self.number = number
    self.method = method
    self.fields = fields
    self.body = body
    self.deadline = deadline
    self.connection = connection
    inbound = InboundMessages(isHeldUntilEnd: method.kind == .unary) {
      [mailbox = connection.mailbox] in
      mailbox.post(.consumed(number, $0))
    }
  }

  func start() { connection.mailbox.post(.start(self)) }

  /// Nobody waits any more: resets the stream if it is still open.
  func cancel() { connection.mailbox.post(.cancel(number)) }

  /// The first response, or nil when there is none; a call that is abandoned here is cancelled.
  func firstMessage() async throws(RPCStatus) -> [UInt8]? {
    do {
      return try await inbound.next()
    } catch {
      cancel()
      throw error as? RPCStatus ?? RPCStatus(code: .internal, message: "\(error)")
    }
  }

  /// The call has ended with this status; nil is OK.
  /// - Parameter isUntouched: whether the server is known not to have looked at the call.
  func end(_ status: RPCStatus?, isUntouched: Bool = false) {
    self.isUntouched.store(isUntouched, ordering: .releasing)
    inbound.finish(status.map { .failure($0) } ?? .success(()))
  }

  /// Whether a failed call may be sent again whatever its method does.
  var mayBeRepeated: Bool { isUntouched.load(ordering: .acquiring) }
}

/// What reaches a client's connection from other threads.
enum ClientEvent: Sendable {
  case start(ClientCall)
  case cancel(UInt64)
  case consumed(UInt64, Int)
  /// Finish the open calls, then close.
  case retire
  case close
}

/// A connection as the pool and calls hold it.
final class ClientConnectionHandle: Sendable {
  let mailbox: LoopMailbox<ClientEvent>
  /// Calls on the connection; the pool gives new ones to the least busy.
  let openCalls = Atomic(0)
  private let callNumbers = Atomic<UInt64>(0)

  init(mailbox: LoopMailbox<ClientEvent>) { self.mailbox = mailbox }

  func nextCallNumber() -> UInt64 { callNumbers.add(1, ordering: .relaxed).newValue }
}
