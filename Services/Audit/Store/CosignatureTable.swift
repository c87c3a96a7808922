package import GRDB
import ServiceRuntime
package import TransparencyLog

/// Rows of `witness` and `cosignature`: what witnesses have said of published checkpoints, the latest word of each about each.
package struct CosignatureTable {
  private let db: Database

  package init(_ db: Database) { self.db = db }

  /// Keeps a valid cosignature of the checkpoint of this size. An older one of the same witness goes.
  package func store(_ cosignature: Cosignature, of key: WitnessKey, size: Int) throws {
    try db.cachedStatement(sql: "INSERT INTO witness (key) VALUES (?) ON CONFLICT DO NOTHING")
      .execute(arguments: [key.description])
    try db.cachedStatement(
      sql: """
        INSERT INTO cosignature (size, witness, signature)
        SELECT ?1, id, ?3 FROM witness WHERE key = ?2
        ON CONFLICT (size, witness) DO UPDATE SET signature = excluded.signature
        """
    ).execute(arguments: [size, key.description, Blob(cosignature.line.signature)])
  }

  /// The checkpoint's note with all cosignatures that are kept of it.
  package func cosigned(_ checkpoint: SignedCheckpoint) throws -> SignedCheckpoint {
    let lines = try lines(of: checkpoint.size)
    guard !lines.isEmpty, let note = try? SignedNote(checkpoint.note.utf8) else {
      return checkpoint
    }
    return SignedCheckpoint(
      size: checkpoint.size, root: checkpoint.root, note: note.adding(lines).description)
  }

  private func lines(of size: Int) throws -> [NoteSignature] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT key, signature FROM cosignature JOIN witness ON witness.id = cosignature.witness
        WHERE size = ? ORDER BY witness.id LIMIT \(LogLimits.witnesses)
        """)
    return try Row.fetchAll(statement, arguments: [size]).compactMap { row in
      guard let key = try? WitnessKey(row["key"] as String),
        let signature = Blob.fromDatabaseValue(row["signature"])?.bytes
      else { return nil }
      return NoteSignature(name: key.name, keyID: key.id, signature: signature)
    }
  }

  /// The newest checkpoint, with its cosignatures, for which `isEnough` holds, among the newest `limit` that anyone has
  /// cosigned; nil when there is none.
  package func newest(limit: Int = 10_000, _ isEnough: (SignedNote) -> Bool) throws
    -> SignedCheckpoint?
  {
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT size, root, note FROM checkpoint
        WHERE size IN (SELECT size FROM cosignature) ORDER BY size DESC LIMIT ?
        """, arguments: [limit])
    while let row = try rows.next() {
      let checkpoint = try cosigned(try SignedCheckpoint(row))
      if let note = try? SignedNote(checkpoint.note.utf8), isEnough(note) { return checkpoint }
    }
    return nil
  }
}
