import AuditDomain
import AuditStore
import GRDB
import Model
import RPC
import ServiceRuntime
import TestSupport
import Testing
import TransparencyLog

@testable import AuditAPI

/// What VerifyLog sees of a log that was altered behind its back.
@Suite(.timeLimit(.minutes(2))) struct InspectionTests {
  private static let size = 300

  /// A closed log of two producers with several checkpoints, open for altering.
  private func filledLog() async throws -> (TemporaryDirectory, DatabaseQueue, VerifierKey) {
    let directory = try TemporaryDirectory()
    let log = try await OpenedLog(directory)
    let key = log.handler.verifierKey
    for start in stride(from: Int64(1), to: 201, by: 50) {
      try await log.append(Events.events(start...(start + 49)))
      _ = try await log.checkpoint(covering: Int(start) + 49)
    }
    try await log.append(
      (1...100).map { Events.event($0, actor: "participant/\($0)", subjects: ["product/\($0)"]) },
      as: "catalog")
    _ = try await log.checkpoint(covering: Self.size)
    await log.close()
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    let queue = try DatabaseQueue(
      path: directory.file("audit.sqlite"), configuration: configuration)
    try await queue.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA ignore_check_constraints = ON")
    }
    return (directory, queue, key)
  }

  private static func inspect(_ db: Database, _ key: VerifierKey) throws -> [LogFault] {
    var inspection = LogInspection(key: key)
    var faults: [LogFault] = []
    for _ in 0..<10 where !inspection.isFinished { faults += try inspection.step(db) }
    #expect(inspection.isFinished)
    return faults
  }

  @Test func aSoundLogHasNoFaults() async throws {
    let (_, queue, key) = try await filledLog()
    let faults = try await queue.read { try Self.inspect($0, key) + FileInspection($0).faults() }
    #expect(faults == [])
  }

  /// A column, the key columns of its table, and the part of the log that it stands for.
  struct Column: Sendable, CustomTestStringConvertible {
    let table: String
    let name: String
    let key: String
    let part: AuditV1.LogPart

    var testDescription: String { "\(table).\(name)" }
  }

  private static func columns(
    _ table: String, _ names: String, key: String, _ part: AuditV1.LogPart
  ) -> [Column] {
    names.split(separator: " ").map {
      Column(table: table, name: String($0), key: key, part: part)
    }
  }

  static let columns =
    columns(
      "entry",
      "idx kind time event_id producer producer_sequence is_refused traceparent details_hash leaf_hash",
      key: "idx", .entry)
    + columns("tile", "level n width data", key: "level || '/' || n", .tile)
    + columns("checkpoint", "size root note", key: "size", .checkpoint)
    + columns("producer_seq", "producer next", key: "producer", .producer)
    + columns("details", "idx salt ciphertext subject_id", key: "idx", .details)
    + columns("posting", "segment subject_id idx role", key: "idx", .subject)
    + columns("subject", "subject_id name key", key: "subject_id", .details)
    + columns("span", "n earliest latest", key: "n", .database)

  @Test(arguments: columns)
  func anAlteredByteIsNamed(_ column: Column) async throws {
    let (_, queue, key) = try await filledLog()
    var generator = SplitMix64(seed: 0x1955)
    for _ in 0..<4 {
      let seed = generator.next()
      try await queue.writeWithoutTransaction { db in
        try db.inSavepoint {
          var generator = SplitMix64(seed: seed)
          let row = try Self.alter(column, db, using: &generator)
          let faults = try Self.inspect(db, key)
          let parts = Set(faults.map(\.part))
          // A name leads to details and to postings; which are missed depends on what is sealed with its key.
          let possible = column.table == "subject" ? [column.part, .subject] : [column.part]
          #expect(
            !parts.isEmpty && parts.isSubset(of: possible),
            "seed \(seed), \(row): \(faults.prefix(4))")
          if !["subject", "span"].contains(column.table) {
            let keys = Set(faults.map(\.key))
            #expect(
              keys.contains(row.before) || keys.contains(row.after), "\(row): \(faults.prefix(4))")
            #expect(keys.isSubset(of: [row.before, row.after]), "\(row): \(faults.prefix(4))")
          }
          return .rollback
        }
      }
    }
  }

  /// Changes one byte of the column in one row; returns the key of the row before and after.
  private static func alter(
    _ column: Column, _ db: Database, using generator: inout SplitMix64
  ) throws -> (before: String, after: String) {
    let sql =
      "SELECT CAST(\(column.key) AS TEXT) AS row_key, \(column.name) AS value, * FROM \(column.table) WHERE \(column.name) IS NOT NULL"
    let rows = try Row.fetchAll(db, sql: sql)
    for _ in 0..<100 {
      let row = try #require(rows.randomElement(using: &generator))
      let before = try #require(String.fromDatabaseValue(row["row_key"] as DatabaseValue))
      let value: DatabaseValue = row["value"]
      let altered = altered(value, using: &generator)
      let keys = row.columnNames.dropFirst(2).map { ($0, row[$0] as DatabaseValue) }
      let condition = keys.map { "\($0.0) IS ?" }.joined(separator: " AND ")
      do {
        try db.execute(
          sql: "UPDATE \(column.table) SET \(column.name) = ? WHERE \(condition)",
          arguments: StatementArguments([altered] + keys.map(\.1)))
      } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
        continue
      }
      #expect(db.changesCount == 1)
      let isKey = column.key.contains(column.name)
      let number =
        Int64.fromDatabaseValue(altered).map(String.init) ?? String.fromDatabaseValue(altered) ?? ""
      let after =
        column.table == "tile" && isKey
        ? (column.name == "n"
          ? "\(row["level"] as Int)/\(number)" : "\(number)/\(row["n"] as Int)")
        : isKey ? number : before
      return (before, after)
    }
    throw LogCorruption("no row could be altered")
  }

  private static func altered(
    _ value: DatabaseValue, using generator: inout SplitMix64
  ) -> DatabaseValue {
    switch value.storage {
    case .int64(let number):
      return (number ^ (1 << Int64.random(in: 0..<63, using: &generator))).databaseValue
    case .string(let text):
      var bytes = Array(text.utf8)
      bytes[Int.random(in: bytes.indices, using: &generator)] ^= 1
      return String(decoding: bytes, as: UTF8.self).databaseValue
    default:
      var bytes = Blob.fromDatabaseValue(value)?.bytes ?? []
      bytes[Int.random(in: bytes.indices, using: &generator)] ^=
        1 << UInt8.random(in: 0..<8, using: &generator)
      return Blob(bytes).databaseValue
    }
  }

  @Test func aGapInAProducersSequenceIsNamed() async throws {
    let (_, queue, key) = try await filledLog()
    try await queue.writeWithoutTransaction { db in
      try db.inSavepoint {
        try db.execute(sql: "UPDATE producer_seq SET next = 999 WHERE producer = 'catalog'")
        let faults = try Self.inspect(db, key)
        #expect(faults.map(\.key) == ["catalog"])
        return .rollback
      }
    }
  }

  @Test func anotherKeysCheckpointsAreNamed() async throws {
    let (_, queue, _) = try await filledLog()
    let other = try await OpenedLog(TemporaryDirectory())
    let key = other.handler.verifierKey
    await other.close()
    let faults = try await queue.read { try Self.inspect($0, key) }
    #expect(faults.map(\.part).allSatisfy { $0 == .checkpoint })
    #expect(faults.map(\.key).contains("300"))
  }

  @Test func aRunningLogIsInspectedWhileItGrows() async throws {
    let log = try await OpenedLog(TemporaryDirectory())
    try await log.append(Events.events(1...500))
    let appending = Task {
      for number in Int64(501)...520 { try await log.append([Events.event(number)]) }
    }
    var last: AuditV1.VerifyLogResponse?
    try await log.handler.inspect { last = $0.response(in: .en) }
    try await appending.value
    #expect(last?.isFinished == true)
    #expect(last?.faults == [])
    #expect((last?.checkedEntries ?? 0) >= 500)
    await log.close()
  }
}
