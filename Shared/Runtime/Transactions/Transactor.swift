package import Codec
package import Model
package import RPC

/// The one way in which mutating RPCs write.
package struct Transactor: Sendable {
  package let database: ServiceDatabase
  package let auditing: Auditing
  package let clock: WallClock

  /// - Parameter auditing: where the events of the bodies go.
  package init(database: ServiceDatabase, auditing: Auditing = .outbox, clock: WallClock = .system)
  {
    self.database = database
    self.auditing = auditing
    self.clock = clock
  }

  /// Runs `body` in its own savepoint of the next commit and answers after that commit is on disk.
  ///
  /// The outcome is remembered by (caller, method, `request.requestID`): the same request again gets
  /// the first answer with `replayed` set, or the first refusal; a different request under the same
  /// id is refused with ALREADY_EXISTS, REQUEST_ID_REUSED. A `DomainError` thrown by `body` with one
  /// of the statuses in `Idempotency.recordedStatuses` is a decision: what the body wrote is rolled
  /// back, but the refusal and an audit event of it are kept. Any other error leaves no trace.
  ///
  /// - Throws: what `body` throws; `RuntimeError.requestIDReused`, `.overloaded`, `.notStored`.
  package func mutate<Request, Response>(
    _ request: Request, _ context: CallContext,
    body: @escaping @Sendable (Transaction) throws -> Response
  ) async throws -> Response
  where Request: MutatingRequest & WireMessage, Response: ReplayableResponse & WireMessage {
    preconditionFailure("being written")
  }

  /// The recorded outcome of `request`, if there is one: lets a handler that must ask other
  /// services before its transaction answer a retry without asking them again.
  /// - Throws: the recorded refusal; `RuntimeError.requestIDReused`.
  package func replay<Request, Response>(
    of request: Request, _ context: CallContext, as response: Response.Type
  ) async throws -> Response?
  where Request: MutatingRequest & WireMessage, Response: ReplayableResponse & WireMessage {
    preconditionFailure("being written")
  }
}
