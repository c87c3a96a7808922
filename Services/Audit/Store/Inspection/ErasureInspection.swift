import AuditDomain
import Crypto
import GRDB
import Model
import ServiceRuntime
import TransparencyLog

/// Whether the erasures are those that entries of the log tell of.
struct ErasureInspection {
  private let db: Database

  init(_ db: Database) { self.db = db }

  /// Of an entry that may tell of one, with its details.
  func faults(of index: Int, _ body: EntryBody, _ details: EntryDetails) throws -> [LogFault] {
    guard body.kind == StoredErasure.kind, body.producer == StoredErasure.producer else {
      return []
    }
    let statement = try db.cachedStatement(
      sql: "SELECT subject_hash, entries, time FROM erasure WHERE idx = ?")
    guard let row = try Row.fetchOne(statement, arguments: [index]) else {
      return [.missing(.erasure, index)]
    }
    guard let told = try? JSON(parsing: details.payload) else { return [] }
    let hash = Digest.fromDatabaseValue(row["subject_hash"])
    let isTold =
      hash?.hex == told["subject_hash"]?.string && row["entries"] == told["erased_entries"]?.integer
      && row["time"] == body.time.microseconds
    return isTold ? [] : [.altered(.erasure, index)]
  }

  /// Erasures that no entry tells of, and those of which other entries are erased than they say.
  func faults() throws -> [LogFault] {
    let untold = try Int.fetchAll(
      db, sql: "SELECT idx FROM erasure WHERE \(Self.isUntold("erasure.idx")) LIMIT 100")
    let miscounted = try Int.fetchAll(
      db,
      sql: """
        SELECT idx FROM erasure LEFT JOIN
          (SELECT erasure, COUNT(*) AS erased FROM erased_entry GROUP BY erasure) AS counted
          ON counted.erasure = erasure.idx
        WHERE erased IS NOT entries LIMIT 100
        """)
    let strays = try Int.fetchAll(
      db, sql: "SELECT idx FROM erased_entry WHERE \(Self.isUntold("erasure")) LIMIT 100")
    return untold.map { .surplus(.erasure, $0) } + miscounted.map { .altered(.erasure, $0) }
      + strays.map { .surplus(.details, $0) }
  }

  private static func isUntold(_ index: String) -> String {
    """
    NOT EXISTS (SELECT 1 FROM entry WHERE entry.idx = \(index)
      AND kind = '\(StoredErasure.kind)' AND producer = '\(StoredErasure.producer)')
    """
  }
}
