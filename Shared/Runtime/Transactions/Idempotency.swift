import Codec
import Crypto
import GRDB
package import Model
import RPC

extension Migration {
  /// What was answered to which request.
  package static let idempotency = Migration(
    "outcomes by request id",
    sql: """
      CREATE TABLE idempotency (
        id INTEGER PRIMARY KEY,
        caller TEXT NOT NULL,
        method TEXT NOT NULL,
        request_id BLOB NOT NULL CHECK (length(request_id) = 16),
        digest BLOB NOT NULL CHECK (length(digest) = 32),
        refused INTEGER NOT NULL CHECK (refused IN (0, 1)),
        outcome BLOB NOT NULL,
        created INTEGER NOT NULL,
        UNIQUE (caller, method, request_id)
      ) STRICT;
      """)
}

/// The rules and rows of idempotency: same request, same outcome.
package enum Idempotency {
  /// The statuses of decisions. Others tell of the moment (UNAVAILABLE, RESOURCE_EXHAUSTED, …) or of
  /// a malformed request, and a retry is decided afresh.
  package static let recordedStatuses: Set<StatusCode> = [
    .notFound, .alreadyExists, .permissionDenied, .failedPrecondition, .aborted, .outOfRange,
  ]
  /// How long outcomes are remembered, in seconds: 7 days.
  package static let lifetimeSeconds: Int64 = 7 * 86_400

  /// What identifies a request, and what it said.
  struct Key: Sendable {
    let caller: String
    let method: String
    let requestID: RequestID
    let digest: Digest

    init<Request: MutatingRequest & WireMessage>(_ request: Request, _ context: CallContext) {
      caller = context.caller.name
      method = context.method.path
      requestID = request.requestID
      digest = Digest.sha256(of: request.serialized())
    }
  }

  enum Outcome: Sendable {
    case accepted([UInt8])
    case refused(RecordedRefusal)
  }

  /// - Throws: `RuntimeError.requestIDReused` when the id came with another request.
  static func find(_ key: Key, _ db: Database) throws -> Outcome? {
    let statement = try db.cachedStatement(
      sql: """
        SELECT digest, refused, outcome FROM idempotency
        WHERE caller = ? AND method = ? AND request_id = ?
        """)
    let row = try Row.fetchOne(statement, arguments: [key.caller, key.method, key.requestID])
    guard let row else { return nil }
    guard try row.decode(Digest.self, forColumn: "digest") == key.digest else {
      throw RuntimeError.requestIDReused
    }
    let bytes = try row.decode(Blob.self, forColumn: "outcome").bytes
    return row["refused"] ? .refused(try RecordedRefusal(bytes)) : .accepted(bytes)
  }

  static func record(_ key: Key, _ outcome: Outcome, at now: Timestamp, _ db: Database) throws {
    let (isRefused, bytes) =
      switch outcome {
      case .accepted(let response): (false, response)
      case .refused(let refusal): (true, refusal.bytes)
      }
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO idempotency (caller, method, request_id, digest, refused, outcome, created)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """)
    try statement.execute(arguments: [
      key.caller, key.method, key.requestID, key.digest, isRefused, Blob(bytes), now,
    ])
  }
}
