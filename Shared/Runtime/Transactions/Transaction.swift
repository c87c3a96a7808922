package import GRDB
package import Model
package import RPC

/// One mutating call's part of a commit: valid only inside the body given to `Transactor.mutate`.
package struct Transaction {
  /// The writer's connection, inside this call's savepoint.
  package let db: Database
  /// The time of the call. Every rule and row of the call uses this one.
  package let now: Timestamp
  package let context: CallContext
  let attempt: Attempt
  let auditing: Auditing

  /// Records `event` with the producer's next sequence number; it is on its way to the audit log
  /// once this call is committed, and never was if this call is refused.
  @discardableResult
  package func emit(_ event: AuditEvent) throws -> EventID {
    try auditing.record(event, in: self)
  }

  /// Names what the call is about ("order/<id>") as soon as it is known, so that the audit event
  /// of a refusal can be found by it.
  package func concerns(_ subjects: String...) {
    attempt.subjects.append(contentsOf: subjects)
  }
}

/// What a call said it is about before it was refused. Confined to the writer.
final class Attempt {
  var subjects: [String] = []
}

/// Where a service's audit events go.
package enum Auditing: Sendable {
  /// To the outbox table, from which the relay sends them to the audit service.
  case outbox
  /// To a function of the service itself, in the same transaction: audit appends to its own log.
  case local(@Sendable (Transaction, AuditEvent, EventID) throws -> Void)

  func record(_ event: AuditEvent, in transaction: Transaction) throws -> EventID {
    let id = EventID.make(at: transaction.now)
    switch self {
    case .outbox: try Outbox.append(event, id: id, in: transaction)
    case .local(let append): try append(transaction, event, id)
    }
    return id
  }
}
