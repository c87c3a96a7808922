import AuditDomain
import AuditStore
import Foundation
import GRDB
import Model
import TestSupport
import Testing
import TransparencyLog

@testable import AuditAPI

/// Every column of every table, as the database has them, altered behind the service's back; and rows taken away and
/// slipped in. `NDX_LONG=1` takes every byte of many rows; otherwise it is one of a few, others in each run.
@Suite(.serialized, .timeLimit(.minutes(60))) struct TamperingTests {
  private static let isLong = ProcessInfo.processInfo.environment["NDX_LONG"] == "1"
  private static let rowsOfEach = isLong ? 40 : 3

  /// What may change unseen, and why that harms nobody.
  private static func isHarmless(_ change: Tampering, _ db: Database) throws -> Bool {
    switch (change.table, change.kind) {
    // What was answered to a request, kept for seven days for its repetition: nothing of the log is read from it.
    case ("idempotency", _): true
    // Nothing says that a witness had to cosign: it is asked again.
    case ("cosignature", .removed): true
    // A name that leads to no entry is found by nobody.
    case ("subject", .slippedIn): true
    // A key that nothing is sealed with opens nothing.
    case ("subject", .altered("key")):
      try Int.fetchOne(
        db, sql: "SELECT COUNT(*) FROM details WHERE subject_id = ?",
        arguments: [change.row["subject_id"]]) == 0
    // Who else an entry named is erased with its details: nothing tells any more who may find it.
    case ("posting", _), ("subject", .altered("name")):
      try Self.isOfErased(change.table == "posting" ? "idx" : "subject_id", change, db)
    default: false
    }
  }

  /// Whether all postings with the row's value are of entries whose details are erased.
  private static func isOfErased(
    _ column: String, _ change: Tampering, _ db: Database
  ) throws -> Bool {
    try Int.fetchOne(
      db,
      sql: """
        SELECT COUNT(*) FROM posting
        WHERE \(column) = ? AND idx NOT IN (SELECT idx FROM erased_entry)
        """, arguments: [change.row[column]]) == 0
  }

  @Test func aSoundLogWithEveryKindOfRowHasNoFaults() async throws {
    let log = try await FilledLog()
    let key = log.key
    let (faults, empty) = try await log.queue.read { db in
      (
        try FilledLog.inspect(db, key),
        try Tampering.tables(db).filter { try Row.fetchOne(db, sql: "SELECT 1 FROM \($0)") == nil }
      )
    }
    #expect(faults == [])
    #expect(empty == [])
  }

  @Test func anyAlteredByteIsNamedInAnyColumnOfAnyTable() async throws {
    try await tamper { db, generator in
      try Tampering.tables(db).flatMap { table in
        try Tampering.columns(of: table, db).flatMap { column in
          try Tampering.alterations(
            table, column, rows: Self.rowsOfEach, eachByte: Self.isLong, db, using: &generator)
        }
      }
    }
  }

  @Test func anyRowTakenAwayIsNamed() async throws {
    try await tamper { db, generator in
      try Tampering.tables(db).flatMap { table in
        try Tampering.rows(table, Self.rowsOfEach, db, using: &generator).map {
          Tampering(table: table, kind: .removed, row: $0)
        }
      }
    }
  }

  @Test func anyRowSlippedInIsNamed() async throws {
    try await tamper { db, generator in
      try Tampering.tables(db).flatMap { table in
        try Tampering.insertions(table, rows: Self.rowsOfEach, db, using: &generator)
      }
    }
  }

  private func tamper(
    _ changes: @Sendable (Database, inout SplitMix64) throws -> [Tampering]
  ) async throws {
    let seed = RandomMoments.seed
    let log = try await FilledLog()
    let key = log.key
    try await log.queue.writeWithoutTransaction { db in
      var generator = SplitMix64(seed: seed)
      let newest = try CheckpointTable(db).latest()?.size
      var done = 0
      for change in try changes(db, &generator) {
        try db.inSavepoint {
          let isHarmless = try Self.isHarmless(change, db)
          guard try change.apply(db), !isHarmless else { return .rollback }
          done += 1
          let faults = try FilledLog.inspect(db, key, published: newest)
          #expect(
            change.isNamed(by: faults), "seed \(seed), \(change): \(faults.map(\.description))")
          return .rollback
        }
      }
      #expect(done > 20)
    }
  }
}

extension LogFault {
  var description: String { "\(part) \(key) \(text.en)" }
}
