package import Logging
package import Model
import ServiceLifecycle

/// Sends the outbox to the audit log until each event has its receipt. Commits wake it.
///
/// Events go in order of their sequence and may be sent again after a crash: audit gives the same
/// receipt to the same event. When the process shuts down it sends what is left, once.
package struct OutboxRelay: Service {
  package typealias Send =
    @Sendable (AuditV1.AppendEntriesRequest) async throws -> AuditV1.AppendEntriesResponse

  private let database: ServiceDatabase
  private let send: Send
  private let instance: String
  private let logger: Logger
  private let signal = CommitSignal()

  /// - Parameters:
  ///   - instance: see `ServiceParts.auditInstance`.
  ///   - send: `LogService.AppendEntries` of the audit service.
  package init(
    database: ServiceDatabase, instance: String = "", logger: Logger, send: @escaping Send
  ) {
    self.database = database
    self.instance = instance
    self.send = send
    self.logger = logger
    database.add(signal)
  }

  package func run() async throws {
    try? await cancelWhenGracefulShutdown { try await follow() }
    do {
      while try await sendBatch() {}
    } catch {
      logger.notice("events are left for the next start", metadata: ["cause": "\(error)"])
    }
  }

  private func follow() async throws {
    for await _ in signal.wakeups {
      var backoff = Backoff()
      while true {
        do {
          guard try await sendBatch() else { break }
          backoff.reset()
        } catch {
          try Task.checkCancellation()
          logger.warning("audit took no events", metadata: ["cause": "\(error)"])
          try await backoff.wait()
        }
      }
    }
  }

  /// False when nothing was waiting.
  private func sendBatch() async throws -> Bool {
    let events = try await database.read {
      try Outbox.waiting(
        $0, limit: RelayLimits.eventsPerRequest, bytes: RelayLimits.bytesPerRequest)
    }
    guard !events.isEmpty else { return false }
    let request = AuditV1.AppendEntriesRequest(events: events, instance: instance)
    let receipts = try await send(request).receipts
    guard receipts.map(\.eventID) == events.map(\.eventID) else {
      throw RelayError.receiptsDoNotMatch
    }
    try await database.write { try Outbox.store(receipts, $0) }
    return true
  }
}

private enum RelayError: Error {
  case receiptsDoNotMatch
}
