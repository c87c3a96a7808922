import Model
import NIOCore

/// How a handler ended.
enum CallOutcome: Sendable {
  /// A unary handler's framed response.
  case response([UInt8])
  /// A streaming handler has returned.
  case completed
  case failed(any Error)
}

/// The handler's run of one call: interceptors before, the task, interceptors after.
final class ServerCall {
  private(set) var context: CallContext
  private(set) var inbound: InboundMessages?
  private(set) var outbound: OutboundMessages?

  private let id: Int32
  private let mailbox: LoopMailbox<ServerEvent>
  private let core: ServerCore
  private let limits: CallLimits
  private let started: NIODeadline
  private var entered = 0
  private var hasEnded = false
  private var task: Task<Void, Never>?

  init(
    _ context: CallContext, on id: Int32, mailbox: LoopMailbox<ServerEvent>, core: ServerCore,
    limits: CallLimits, started: NIODeadline
  ) {
    self.context = context
    self.id = id
    self.mailbox = mailbox
    self.core = core
    self.limits = limits
    self.started = started
  }

  /// How long the call has been at work.
  var age: Duration { started.duration(to: .now()) }

  /// Starts the handler on the event loop; it may have ended when this returns. The outcome arrives as an event.
  /// The call has entered its limits, and leaves them when the handler ends.
  func start(_ method: RegisteredMethod, _ request: ReceivedMessage) {
    do {
      try core.interceptors.before(&context, entered: &entered)
    } catch {
      limits.leave()
      return mailbox.post(.finished(id, .failed(error)))
    }
    let task: Task<Void, Never>
    switch method.handler {
    case .unary(let handler): task = startUnary(handler, request)
    case .serverStreaming(let handler):
      let outbound = makeOutbound()
      task = run { [context] in try await handler(request, context, outbound) }
    case .streaming(let handler):
      let inbound = InboundMessages { [mailbox, id] in mailbox.post(.consumed(id, $0)) }
      self.inbound = inbound
      let outbound = makeOutbound()
      task = run { [context] in try await handler(inbound, context, outbound) }
    }
    if !hasEnded { self.task = task }
  }

  private func startUnary(
    _ handler: @escaping UnaryHandler, _ request: ReceivedMessage
  ) -> Task<Void, Never> {
    Task.immediate(executorPreference: mailbox) { [context, mailbox, id, limits] in
      let outcome: CallOutcome
      do {
        outcome = .response(try await handler(request, context))
      } catch {
        outcome = .failed(error)
      }
      limits.leave()
      mailbox.post(.finished(id, outcome))
    }
  }

  private func run(
    _ body: @escaping @Sendable () async throws -> Void
  ) -> Task<Void, Never> {
    Task.immediate(executorPreference: mailbox) { [mailbox, id, limits] in
      let outcome: CallOutcome
      do {
        try await body()
        outcome = .completed
      } catch {
        outcome = .failed(error)
      }
      limits.leave()
      mailbox.post(.finished(id, outcome))
    }
  }

  private func makeOutbound() -> OutboundMessages {
    let outbound = OutboundMessages(limitBytes: core.configuration.outboundBufferBytes) {
      [mailbox, id] in mailbox.post(.message(id, $0))
    }
    self.outbound = outbound
    return outbound
  }

  /// The outcome is known: tells the interceptors, once.
  func end(_ status: StatusCode) {
    guard !hasEnded else { return }
    hasEnded = true
    task = nil
    guard entered > 0 else { return }
    core.interceptors.after(
      context, entered: entered, status: status, duration: started.duration(to: .now()))
  }

  /// Nobody waits for the handler any more.
  func cancel() {
    task?.cancel()
    outbound?.close()
    inbound?.finish(.failure(RPCStatus(code: .cancelled, message: "the call has ended")))
  }
}
