import AuditDomain
import GRDB
import Model
import ServiceRuntime
import TransparencyLog

/// Checks the stored words of witnesses against their keys.
struct CosignatureInspection {
  private let db: Database

  init(_ db: Database) { self.db = db }

  /// Those of one checkpoint.
  func faults(of checkpoint: StoredCheckpoint) throws -> [LogFault] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT key, signature FROM cosignature
        LEFT JOIN witness ON witness.id = cosignature.witness WHERE size = ?
        """)
    let rows = try Row.fetchAll(statement, arguments: [checkpoint.size])
    // An altered checkpoint is named itself; what was said of it cannot be checked.
    guard !rows.isEmpty, let note = try? SignedNote(checkpoint.note) else { return [] }
    let isSound = rows.allSatisfy { row in
      // A key that is none is named by `faultsOfKeys`.
      guard let text = String.fromDatabaseValue(row["key"]) else { return false }
      guard let key = try? WitnessKey(text) else { return true }
      let bytes = Blob.fromDatabaseValue(row["signature"])?.bytes ?? []
      let line = NoteSignature(name: key.name, keyID: key.id, signature: bytes)
      return key.cosignature(line, of: note.text) != nil
    }
    return isSound ? [] : [.altered(.cosignature, checkpoint.size)]
  }

  /// Keys that are none, and words about checkpoints that there are not.
  func faultsOfKeys() throws -> [LogFault] {
    let keys = try Row.fetchAll(db, sql: "SELECT id, CAST(key AS BLOB) AS key FROM witness")
    var faults: [LogFault] = keys.compactMap { row in
      let bytes = Blob.fromDatabaseValue(row["key"])?.bytes ?? []
      let isKey = (try? WitnessKey(String(decoding: bytes, as: UTF8.self))) != nil
      return isKey ? nil : .altered(.witness, row["id"] as Int)
    }
    let lost = try Int.fetchAll(
      db,
      sql: """
        SELECT DISTINCT size FROM cosignature
        WHERE size NOT IN (SELECT size FROM checkpoint) LIMIT 100
        """)
    faults += lost.map { .surplus(.cosignature, $0) }
    return faults
  }
}
