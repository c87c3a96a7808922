package import GRDB
package import IdentityDomain
package import Model
import ServiceRuntime

/// Every certificate issued to a system or service.
package enum CredentialTable {
  static let migration = Migration(
    "credentials",
    sql: """
      CREATE TABLE credential (
        id BLOB PRIMARY KEY CHECK (length(id) = 16),
        serial TEXT NOT NULL UNIQUE CHECK (length(serial) BETWEEN 2 AND 40),
        fingerprint BLOB NOT NULL UNIQUE CHECK (length(fingerprint) = 32),
        not_before INTEGER NOT NULL,
        not_after INTEGER NOT NULL CHECK (not_after > not_before),
        revoke_time INTEGER,
        revoke_reason TEXT NOT NULL,
        \(StoredHolder.columns),
        CHECK (revoke_time IS NOT NULL OR revoke_reason = '')
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX credential_participant ON credential (participant_id, id);
      """)

  package static func insert(_ credential: IssuedCredential, _ db: Database) throws {
    let own: [(any DatabaseValueConvertible)?] = [
      credential.id, credential.serial, credential.fingerprint, credential.notBefore,
      credential.notAfter, credential.revokeTime, credential.revokeReason,
    ]
    try db.cachedStatement(
      sql: """
        INSERT INTO credential (id, serial, fingerprint, not_before, not_after, revoke_time,
          revoke_reason, \(StoredHolder.names)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: StatementArguments(own + StoredHolder.values(credential.holder)))
  }

  /// Writes a revocation.
  package static func update(_ credential: IssuedCredential, _ db: Database) throws {
    try db.cachedStatement(
      sql: "UPDATE credential SET revoke_time = ?, revoke_reason = ? WHERE id = ?"
    ).execute(arguments: [credential.revokeTime, credential.revokeReason, credential.id])
    guard db.changesCount == 1 else { throw IdentityError.credentialNotFound }
  }

  /// Throws `credentialNotFound`.
  package static func get(_ id: CredentialID, _ db: Database) throws -> IssuedCredential {
    try credential(
      Row.fetchOne(
        db.cachedStatement(sql: "SELECT * FROM credential WHERE id = ?"), arguments: [id]))
  }

  /// Throws `credentialNotFound`.
  package static func get(serial: String, _ db: Database) throws -> IssuedCredential {
    try credential(
      Row.fetchOne(
        db.cachedStatement(sql: "SELECT * FROM credential WHERE serial = ?"), arguments: [serial]))
  }

  /// Newest first, before `id`.
  package static func list(
    of participant: ParticipantID, before id: CredentialID?, limit: Int, _ db: Database
  ) throws -> [IssuedCredential] {
    let end = id ?? CredentialID(high: .max, low: .max)
    return try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT * FROM credential WHERE participant_id = ? AND id < ? ORDER BY id DESC LIMIT ?
          """), arguments: [participant, end, limit]
    ).map(credential)
  }

  private static func credential(_ row: Row?) throws -> IssuedCredential {
    guard let row else { throw IdentityError.credentialNotFound }
    return IssuedCredential(
      id: row["id"], holder: try StoredHolder.holder(row), serial: row["serial"],
      fingerprint: row["fingerprint"], notBefore: row["not_before"], notAfter: row["not_after"],
      revokeTime: row["revoke_time"], revokeReason: row["revoke_reason"])
  }
}
