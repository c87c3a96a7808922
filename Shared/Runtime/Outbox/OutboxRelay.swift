package import Logging
package import Model
import ServiceLifecycle

/// Sends the outbox to the audit log until each event has its receipt, and the receipt is that of the event. Commits
/// wake it.
///
/// Events go in order of their sequence and may be sent again after a crash: audit gives the same
/// receipt to the same event. When the process shuts down it sends what is left, once. Nothing is skipped: what the
/// log does not take stays, with all that comes after it, and is reported.
package struct OutboxRelay: Service {
  package typealias Send =
    @Sendable (AuditV1.AppendEntriesRequest) async throws -> AuditV1.AppendEntriesResponse

  private let database: ServiceDatabase
  private let send: Send
  private let producer: String
  private let instance: String
  private let status: OutboxStatus
  private let logger: Logger
  private let signal = CommitSignal()

  /// - Parameters:
  ///   - service: whose events they are: its name in the log.
  ///   - instance: see `ServiceParts.auditInstance`.
  ///   - send: `LogService.AppendEntries` of the audit service.
  package init(
    database: ServiceDatabase, service: String, instance: String = "",
    status: OutboxStatus = OutboxStatus(), logger: Logger, send: @escaping Send
  ) {
    self.database = database
    producer = instance.isEmpty ? service : "\(service).\(instance)"
    self.instance = instance
    self.status = status
    self.send = send
    self.logger = logger
    database.add(signal)
  }

  package func run() async throws {
    status.reset()
    try? await cancelWhenGracefulShutdown { try await follow() }
    do {
      while try await sendBatch() {}
    } catch {
      logger.notice("events are left for the next start", metadata: ["cause": "\(error)"])
    }
    status.withdraw()
  }

  private func follow() async throws {
    for await _ in signal.wakeups {
      var backoff = Backoff()
      while true {
        do {
          guard try await sendBatch() else { break }
          backoff.reset()
          status.clear()
        } catch {
          try Task.checkCancellation()
          await report(error)
          try await backoff.wait()
        }
      }
    }
  }

  /// Says it once for each problem, and keeps saying how much is held back.
  private func report(_ error: any Error) async {
    let problem = OutboxProblem(error)
    let (waiting, oldest) =
      (try? await database.read { (try Outbox.waitingCount($0), try Outbox.oldestWaiting($0)) })
      ?? (0, nil)
    if let problem, problem != status.problem {
      logger.error(
        "audit events are held back until somebody acts",
        metadata: ["problem": "\(problem.text[.en])", "held": "\(waiting)"])
    } else if problem == nil {
      logger.warning(
        "audit took no events", metadata: ["cause": "\(error)", "held": "\(waiting)"])
    }
    status.hold(waiting, since: oldest, problem)
  }

  /// False when nothing was waiting.
  private func sendBatch() async throws -> Bool {
    let events = try await database.read {
      try Outbox.waiting(
        $0, limit: RelayLimits.eventsPerRequest, bytes: RelayLimits.bytesPerRequest)
    }
    guard !events.isEmpty else { return false }
    do {
      try await deliver(events)
    } catch {
      // An older copy may begin with events that the log has taken from a later database: they get their receipts, so
      // that only what the log does not have is numbered anew.
      guard case .sequenceReused(_, let received)? = OutboxProblem(error) else { throw error }
      let known = Array(events.prefix { $0.producerSequence < received })
      guard !known.isEmpty, known.count < events.count else { throw error }
      try await deliver(known)
    }
    return true
  }

  private func deliver(_ events: [AuditV1.Event]) async throws {
    let request = AuditV1.AppendEntriesRequest(events: events, instance: instance)
    let receipts = try await send(request).receipts
    try ReceiptCheck.verify(receipts, of: events, by: producer)
    try await database.write { try Outbox.store(receipts, $0) }
  }
}
