package import Codec
package import Model
package import RPC

/// The one way in which mutating RPCs write.
package struct Transactor: Sendable {
  package let database: ServiceDatabase
  package let auditing: Auditing
  package let clock: WallClock
  private let pruner: IdempotencyPruner

  /// One per database.
  /// - Parameter auditing: where the events of the bodies go.
  package init(database: ServiceDatabase, auditing: Auditing = .outbox, clock: WallClock = .system)
  {
    self.database = database
    self.auditing = auditing
    self.clock = clock
    pruner = IdempotencyPruner(clock: clock)
    database.add(pruner)
  }

  /// Runs `body` in its own savepoint of the next commit and answers after that commit is on disk.
  ///
  /// The outcome is remembered by (caller, method, `request.requestID`): the same request again gets
  /// the first answer with `replayed` set, or the first refusal; a different request under the same
  /// id is refused with ALREADY_EXISTS, REQUEST_ID_REUSED. A `DomainError` thrown by `body` with one
  /// of `Idempotency.recordedStatuses` is a decision: what the body wrote is rolled back, but the
  /// refusal and an audit event of it are kept. Any other error leaves no trace.
  ///
  /// - Throws: what `body` throws (a recorded refusal again as the `RPCStatus` it was);
  ///   `RuntimeError.requestIDReused`, `.overloaded`, `.notStored`, `.shuttingDown`.
  package func mutate<Request, Response>(
    _ request: Request, _ context: CallContext,
    body: @escaping @Sendable (Transaction) throws -> Response
  ) async throws -> Response
  where Request: MutatingRequest & WireMessage, Response: ReplayableResponse & WireMessage {
    let key = Idempotency.Key(request, context)
    let outcome: Outcome<Response> = try await database.writeWithSavepoint { db, savepoint in
      if let recorded = try Idempotency.find(key, db) { return .recorded(recorded) }
      let transaction = Transaction(
        db: db, now: clock.now(), context: context, attempt: Attempt(), auditing: auditing)
      do {
        var response = try body(transaction)
        response.replayed = false
        try keep(.accepted(response.serialized()), key, transaction)
        return .accepted(response)
      } catch let refusal as any DomainError
        where Idempotency.recordedStatuses.contains(refusal.status)
      {
        try savepoint.rollback()
        try keep(.refused(RecordedRefusal(refusal)), key, transaction)
        try transaction.emit(.refusal(refusal, of: transaction))
        return .refused(refusal)
      }
    }
    switch outcome {
    case .accepted(let response): return response
    case .refused(let refusal): throw refusal
    case .recorded(let recorded): return try answer(recorded, context)
    }
  }

  /// The recorded outcome of `request`, if there is one: lets a handler that must ask other
  /// services before its transaction answer a retry without asking them again.
  /// - Throws: the recorded refusal; `RuntimeError.requestIDReused`.
  package func replay<Request, Response>(
    of request: Request, _ context: CallContext, as response: Response.Type = Response.self
  ) async throws -> Response?
  where Request: MutatingRequest & WireMessage, Response: ReplayableResponse & WireMessage {
    let key = Idempotency.Key(request, context)
    guard let recorded = try await database.read({ try Idempotency.find(key, $0) }) else {
      return nil
    }
    return try answer(recorded, context)
  }

  private enum Outcome<Response: Sendable>: Sendable {
    case accepted(Response)
    case refused(any DomainError)
    case recorded(Idempotency.Outcome)
  }

  private func keep(
    _ outcome: Idempotency.Outcome, _ key: Idempotency.Key, _ transaction: Transaction
  ) throws {
    try Idempotency.record(key, outcome, at: transaction.now, transaction.db)
    pruner.noteRecorded()
  }

  private func answer<Response: ReplayableResponse & WireMessage>(
    _ recorded: Idempotency.Outcome, _ context: CallContext
  ) throws -> Response {
    switch recorded {
    case .refused(let refusal): throw refusal.status(in: context.language)
    case .accepted(let bytes):
      var response = try Response.decode(bytes)
      response.replayed = true
      return response
    }
  }
}
