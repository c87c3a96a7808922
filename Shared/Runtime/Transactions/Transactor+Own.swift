package import GRDB
import Model
package import RPC

extension Transactor {
  /// Runs `body` in its own savepoint of the next commit and returns once that commit is on disk: for
  /// requests that carry their own idempotency (client-chosen ids) and for what the service does by
  /// itself, such as a deadline. Whatever `body` throws undoes what it wrote and leaves no trace.
  ///
  /// - Throws: what `body` throws; `RuntimeError.overloaded`, `.notStored`, `.shuttingDown`.
  package func write<Value: Sendable>(
    _ context: CallContext, body: @escaping @Sendable (Transaction) throws -> Value
  ) async throws -> Value {
    try await database.write { db in try body(transaction(on: db, context)) }
  }

  /// As `write`, without a savepoint as long as `body` writes nothing itself: see `ServiceDatabase.decide`.
  package func decide<Value: Sendable>(
    _ context: CallContext, body: @escaping @Sendable (Transaction) throws -> Value
  ) async throws -> Value {
    try await database.decide { db in try body(transaction(on: db, context)) }
  }

  /// What an observer of commits writes with, within `groupWillCommit`.
  package func transaction(on db: Database, _ context: CallContext) -> Transaction {
    Transaction(db: db, now: clock.now(), context: context, attempt: Attempt(), auditing: auditing)
  }
}

extension CallContext {
  /// Stands for the call where a service acts by itself: its own caller, with a trace of its own.
  ///
  /// - Parameter work: what it does, in the place of the method's name: "Timekeeper".
  package static func own(service: String, work: String) -> CallContext {
    CallContext(
      method: MethodDescriptor(service: "ndx.\(service)", name: work, kind: .unary),
      peer: Peer(certificate: nil, address: ""), caller: .service(name: service))
  }
}
