package import ConnectorDomain
package import GRDB
package import Model
import ServiceRuntime

/// Rows of `grant_usage`, `stream` and `served_file`: what was sent to whom. Sending is booked
/// before it happens, so that no crash makes the connector forget what a consumer holds.
package struct ServedTable {
  private let db: Database

  package init(_ db: Database) { self.db = db }

  /// Begins a stream and books its first step. Throws `ConnectorError.quotaExceeded`.
  package func begin(
    _ allowance: Allowance, _ file: ContentManifest.File, from offset: Int64
  ) throws -> (id: Int64, stream: ServedStream) {
    try db.cachedStatement(
      sql: """
        INSERT INTO grant_usage (grant_id, agreement_id, consumer_id, quota_bytes, used_bytes,
          expire_time)
        VALUES (?, ?, ?, ?, 0, ?) ON CONFLICT (grant_id) DO NOTHING
        """
    ).execute(arguments: [
      allowance.grantID, allowance.agreementID, allowance.consumerID, allowance.quotaBytes,
      allowance.expires,
    ])
    let booked = try book(allowance.grantID, from: offset, of: file.sizeBytes)
    let stream = ServedStream(
      grantID: allowance.grantID, agreementID: allowance.agreementID, path: file.path,
      startBytes: offset,
      reservedBytes: offset + booked)
    try db.cachedStatement(
      sql: """
        INSERT INTO stream (grant_id, agreement_id, path, start_bytes, reserved_bytes)
        VALUES (?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      stream.grantID, stream.agreementID, stream.path, stream.startBytes, stream.reservedBytes,
    ])
    return (db.lastInsertedRowID, stream)
  }

  /// Books the next step. Throws `ConnectorError.quotaExceeded`.
  package func extend(_ id: Int64, _ stream: ServedStream, sizeBytes: Int64) throws -> ServedStream
  {
    var stream = stream
    stream.reservedBytes += try book(stream.grantID, from: stream.reservedBytes, of: sizeBytes)
    try db.cachedStatement(sql: "UPDATE stream SET reserved_bytes = ? WHERE id = ?")
      .execute(arguments: [stream.reservedBytes, id])
    return stream
  }

  /// Ends a stream that sent up to `end`, and gives back what was booked beyond.
  package func end(_ id: Int64, _ stream: ServedStream, at end: Int64) throws {
    try db.cachedStatement(
      sql: "UPDATE grant_usage SET used_bytes = used_bytes - ? WHERE grant_id = ?"
    ).execute(arguments: [stream.reservedBytes - end, stream.grantID])
    try cover(stream, to: end)
    try db.cachedStatement(sql: "DELETE FROM stream WHERE id = ?").execute(arguments: [id])
  }

  /// Takes over the streams that an earlier process did not end, as if all they booked was sent:
  /// the consumer may hold it. Forgets the use of grants that ran out. Returns how many there were.
  package func recover(at now: Timestamp) throws -> Int {
    let rows = try Row.fetchAll(db, sql: "SELECT * FROM stream ORDER BY id")
    for row in rows {
      let stream = ServedStream(
        grantID: row["grant_id"], agreementID: row["agreement_id"], path: row["path"],
        startBytes: row["start_bytes"], reservedBytes: row["reserved_bytes"])
      try cover(stream, to: stream.reservedBytes)
    }
    try db.execute(sql: "DELETE FROM stream")
    try db.execute(sql: "DELETE FROM grant_usage WHERE expire_time <= ?", arguments: [now])
    return rows.count
  }

  /// How much of each path was sent under an agreement, from its start without a gap.
  package func servedBytes(under agreement: AgreementID) throws -> [String: Int64] {
    let statement = try db.cachedStatement(
      sql: "SELECT path, served_bytes FROM served_file WHERE agreement_id = ?")
    let rows = try Row.fetchAll(statement, arguments: [agreement])
    return Dictionary(uniqueKeysWithValues: rows.map { ($0["path"], $0["served_bytes"]) })
  }

  private func book(_ grant: GrantID, from position: Int64, of sizeBytes: Int64) throws -> Int64 {
    let statement = try db.cachedStatement(
      sql: "SELECT used_bytes, quota_bytes FROM grant_usage WHERE grant_id = ?")
    guard let row = try Row.fetchOne(statement, arguments: [grant]) else { return 0 }
    let step = try ServedStream.step(
      from: position, of: sizeBytes, used: row["used_bytes"], quota: row["quota_bytes"])
    try db.cachedStatement(
      sql: "UPDATE grant_usage SET used_bytes = used_bytes + ? WHERE grant_id = ?"
    ).execute(arguments: [step, grant])
    return step
  }

  private func cover(_ stream: ServedStream, to end: Int64) throws {
    let statement = try db.cachedStatement(
      sql: "SELECT served_bytes FROM served_file WHERE agreement_id = ? AND path = ?")
    let before =
      try Int64.fetchOne(statement, arguments: [stream.agreementID, stream.path]) ?? 0
    try db.cachedStatement(
      sql: """
        INSERT INTO served_file (agreement_id, path, served_bytes) VALUES (?, ?, ?)
        ON CONFLICT (agreement_id, path) DO UPDATE SET served_bytes = excluded.served_bytes
        """
    ).execute(arguments: [
      stream.agreementID, stream.path,
      ServedStream.covered(before, with: stream.startBytes, end),
    ])
  }
}
