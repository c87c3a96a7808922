package import GRDB
package import IdentityDomain
package import Model
import ServiceRuntime

/// Enrolment tokens by the digest of their secret. Used and expired ones are kept for a day, so that
/// their refusal says why.
package enum EnrolmentTokenTable {
  static let migration = Migration(
    "enrolment tokens",
    sql: """
      CREATE TABLE enrolment_token (
        id BLOB PRIMARY KEY CHECK (length(id) = 16),
        secret_digest BLOB NOT NULL UNIQUE CHECK (length(secret_digest) = 32),
        create_time INTEGER NOT NULL,
        expire_time INTEGER NOT NULL CHECK (expire_time > create_time),
        use_time INTEGER CHECK (use_time >= create_time AND use_time < expire_time),
        \(StoredHolder.columns)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX enrolment_token_expiry ON enrolment_token (expire_time);
      """)

  package static func insert(_ token: EnrolmentToken, _ db: Database) throws {
    try db.cachedStatement(sql: "DELETE FROM enrolment_token WHERE expire_time < ?")
      .execute(arguments: [token.createTime.adding(seconds: -86_400)])
    let own: [(any DatabaseValueConvertible)?] = [
      token.id, token.secretDigest, token.createTime, token.expireTime, token.useTime,
    ]
    try db.cachedStatement(
      sql: """
        INSERT INTO enrolment_token (id, secret_digest, create_time, expire_time, use_time,
          \(StoredHolder.names)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: StatementArguments(own + StoredHolder.values(token.holder)))
  }

  /// Throws `enrolmentTokenUnknown`.
  package static func get(secretDigest: Digest, _ db: Database) throws -> EnrolmentToken {
    let row = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT * FROM enrolment_token WHERE secret_digest = ?"),
      arguments: [secretDigest])
    guard let row else { throw IdentityError.enrolmentTokenUnknown }
    return EnrolmentToken(
      id: row["id"], secretDigest: row["secret_digest"], holder: try StoredHolder.holder(row),
      createTime: row["create_time"], expireTime: row["expire_time"], useTime: row["use_time"])
  }

  /// Marks the token as used. Throws `enrolmentTokenUsed` when somebody was first.
  package static func use(_ token: EnrolmentToken, _ db: Database) throws {
    try db.cachedStatement(
      sql: "UPDATE enrolment_token SET use_time = ? WHERE id = ? AND use_time IS NULL"
    ).execute(arguments: [token.useTime, token.id])
    guard db.changesCount == 1 else { throw IdentityError.enrolmentTokenUsed }
  }
}
