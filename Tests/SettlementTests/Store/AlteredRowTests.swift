import Foundation
import GRDB
import Model
import ServiceRuntime
import SettlementDomain
import TestSupport
import Testing

@testable import SettlementAPI
@testable import SettlementStore

/// Whoever alters a row with SQL is found out: the check names the table and the row, for each column of each table.
struct AlteredRowTests {
  private static let tables = [
    "book", "account", "balance", "transfer", "hold", "refused_transfer", "balance_history",
    "journal",
    "transfer_mark", "ledger_record",
  ]

  private static let rounds = ProcessInfo.processInfo.environment["NDX_LONG"] == "1" ? 10 : 1

  /// `NDX_SEED` repeats a run; the short ones are all alike.
  private static func random() -> SplitMix64 {
    let environment = ProcessInfo.processInfo.environment
    let usual: UInt64 = environment["NDX_LONG"] == nil ? 1 : .random(in: .min ... .max)
    let seed = environment["NDX_SEED"].flatMap(UInt64.init) ?? usual
    print("NDX_SEED=\(seed)")
    return SplitMix64(seed: seed)
  }

  @Test func eachAlteredFieldIsNamedWithItsRow() async throws {
    try await withLedger { db, random in
      for table in Self.tables {
        for column in try db.columns(in: table) {
          for _ in 0..<Self.rounds { try alter(column, of: table, db, &random) }
        }
      }
    }
  }

  @Test func eachDeletedRowIsNamed() async throws {
    try await withLedger { db, random in
      for table in Self.tables {
        for _ in 0..<3 * Self.rounds { try delete(from: table, db, &random) }
      }
    }
  }

  @Test func eachInsertedRowIsNamed() async throws {
    try await withLedger { db, random in
      for table in Self.tables {
        for _ in 0..<3 * Self.rounds { try insert(into: table, db, &random) }
      }
    }
  }

  /// A link's seals are wrong, and not the thousand transfers that they are of.
  @Test func alteredSealsOfALongLinkAreNamedAlone() async throws {
    try await withLedger { db, _ in
      try db.execute(sql: "UPDATE journal SET seals = zeroblob(length(seals)) WHERE number = 1")
      let findings = try LedgerHandler.verify(db).findings
      #expect(findings.map(\.table) == ["journal"] && findings.map(\.row) == [1])
    }
  }

  /// Whoever adds the copy too is found out all the same where the transfers tell what must be there.
  @Test func historyThatTheTransfersDoNotGiveIsNamedThoughItHasItsCopy() async throws {
    try await withLedger { db, random in
      let copied = try #require(RecordSchema.copied.first { $0.table == "balance_history" })
      for _ in 0..<5 {
        let place = try #require(
          try Int64.fetchAll(db, sql: "SELECT number FROM balance_history")
            .randomElement(using: &random))
        try db.inTransaction {
          try db.execute(
            sql: "UPDATE balance_history SET credits_posted = credits_posted + 7 WHERE number = ?",
            arguments: [place])
          try db.execute(
            sql: """
              INSERT INTO ledger_record (key, content)
                SELECT \(copied.key), \(copied.content) FROM balance_history x WHERE number = ?
              """, arguments: [place])
          let findings = try LedgerHandler.verify(db).findings
          #expect(findings.map(\.table) == ["balance_history"] && findings.map(\.row) == [place])
          return .rollback
        }
      }
    }
  }

  /// Calls `body` with a ledger to be spoilt, in which SQL may do anything.
  private func withLedger(
    _ body: @escaping @Sendable (Database, inout SplitMix64) throws -> Void
  ) async throws {
    var random = Self.random()
    let directory = try TemporaryDirectory()
    let path = directory.file("settlement.sqlite")
    try await fill(path, seed: random.next())
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    let moment = random.next()
    try await queue.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA ignore_check_constraints = ON")
      let triggers = try String.fetchAll(
        db, sql: "SELECT name FROM sqlite_schema WHERE type = 'trigger'")
      for trigger in triggers { try db.execute(sql: "DROP TRIGGER \(trigger)") }
      #expect(try LedgerHandler.verify(db).findings.isEmpty)
      var random = SplitMix64(seed: moment)
      try body(db, &random)
    }
  }

  private static func key(of table: String) -> String {
    switch table {
    case "refused_transfer": "id"
    case "hold", "transfer_mark": "transfer"
    case "balance": "account"
    default: "number"
    }
  }

  /// Whether one of the findings names a row, by one of these keys.
  private static func isNamed(
    _ table: String, _ keys: [DatabaseValue], by findings: [LedgerVerifier.Finding]
  ) -> Bool {
    findings.contains { finding in
      guard finding.table == table else { return false }
      if table == "refused_transfer" {
        return finding.transferID.map { keys.contains($0.databaseValue) } ?? false
      }
      return keys.contains(finding.row.databaseValue)
    }
  }

  private func alter(
    _ column: ColumnInfo, of table: String, _ db: Database, _ random: inout SplitMix64
  ) throws {
    let key = Self.key(of: table)
    let rows = try Row.fetchAll(
      db, sql: "SELECT \(key) AS key, \(column.name) AS old FROM \(table)")
    let row = try #require(rows.randomElement(using: &random), "\(table) is empty")
    let (place, old): (DatabaseValue, DatabaseValue) = (row["key"], row["old"])
    let new = Self.other(than: old, column.type, &random)
    try db.inTransaction {
      try db.execute(
        sql: """
          UPDATE OR IGNORE \(table) SET \(column.name) = ? WHERE \(key) = ? AND \(column.name) IS ?
          """, arguments: [new, place, old])
      // Another row has that key already.
      guard db.changesCount > 0 else { return .rollback }
      let findings = try LedgerHandler.verify(db).findings
      let keys = [place] + (column.name == key ? [new] : [])
      #expect(
        Self.isNamed(table, keys, by: findings),
        "\(table).\(column.name) of \(place) from \(old) to \(new): \(findings.prefix(3))")
      return .rollback
    }
  }

  private func delete(
    from table: String, _ db: Database, _ random: inout SplitMix64
  ) throws {
    let key = Self.key(of: table)
    let places = try DatabaseValue.fetchAll(db, sql: "SELECT \(key) FROM \(table)")
    let place = try #require(places.randomElement(using: &random))
    // The newest copies may be gone without a gap: then the row that has none is named.
    let isOfCopies = table == "ledger_record"
    let copied =
      isOfCopies
      ? try String.fetchOne(
        db, sql: "SELECT key FROM ledger_record WHERE number = ?", arguments: [place]) : nil
    try db.inTransaction {
      try db.execute(sql: "DELETE FROM \(table) WHERE \(key) = ?", arguments: [place])
      let findings = try LedgerHandler.verify(db).findings
      let named =
        Self.isNamed(table, [place], by: findings)
        || findings.contains {
          isOfCopies && $0.text.contains("its copy was removed")
            && "\($0.table) \($0.row)" == copied
        }
      #expect(named, "\(table) \(place) deleted: \(findings.prefix(3))")
      return .rollback
    }
  }

  /// A copy of a row under another key.
  private func insert(
    into table: String, _ db: Database, _ random: inout SplitMix64
  ) throws {
    let key = Self.key(of: table)
    let rows = try Row.fetchAll(db, sql: "SELECT * FROM \(table)")
    let row = try #require(rows.randomElement(using: &random))
    let columns = try db.columns(in: table)
    let unique: Set<String> = [key, "id", "first_transfer", "last_transfer", "digest"]
    var values: [String: DatabaseValue] = [:]
    for column in columns {
      let old: DatabaseValue = row[column.name]
      values[column.name] =
        unique.contains(column.name) && !old.isNull
        ? Self.other(than: old, column.type, &random) : old
    }
    let names = columns.map(\.name)
    let marks = Array(repeating: "?", count: names.count).joined(separator: ", ")
    try db.inTransaction {
      try db.execute(
        sql: "INSERT OR IGNORE INTO \(table) (\(names.joined(separator: ", "))) VALUES (\(marks))",
        arguments: StatementArguments(names.map { values[$0] ?? .null }))
      guard db.changesCount > 0 else { return .rollback }
      let findings = try LedgerHandler.verify(db).findings
      let place = values[key] ?? .null
      #expect(
        Self.isNamed(table, [place], by: findings),
        "\(table) \(place) inserted: \(findings.prefix(3))")
      return .rollback
    }
  }

  fileprivate static func other(
    than old: DatabaseValue, _ type: String, _ random: inout SplitMix64
  ) -> DatabaseValue {
    switch type {
    case "INTEGER":
      let before = Int64.fromDatabaseValue(old) ?? 0
      let extremes: [Int64] = [.min, .max, -1]
      let value =
        Int.random(in: 0..<6, using: &random) == 0
        ? extremes.randomElement(using: &random) ?? 0
        : before + Int64.random(in: 1...1_000_000, using: &random)
      return (value == before ? before - 1 : value).databaseValue
    case "TEXT": return ((String.fromDatabaseValue(old) ?? "") + "X").databaseValue
    default:
      let length = max(Data.fromDatabaseValue(old)?.count ?? 16, 1)
      return Data((0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) })
        .databaseValue
    }
  }

  /// A ledger with rows in every table: a random life, and an account with more than 1,024 transfers.
  private func fill(_ path: String, seed: UInt64) async throws {
    let time = SimulatedTime(LedgerScenario.now)
    let ledger = try SimulatedLedger(at: path, clock: time.clock)
    var accounts: [AccountID] = []
    for number in 1...6 {
      let id = AccountID(high: 1, low: UInt64(number))
      _ = try await ledger.open(
        SettlementV1.Account(
          id: id, ownerID: number == 1 ? nil : ParticipantID(high: 2, low: UInt64(number)),
          currencyCode: "VND", environment: .live, kind: number == 1 ? .external : .participant,
          overdraftAllowed: number == 1, history: number == 3))
      accounts.append(id)
    }
    let many = (0..<1_100).map { number in
      SettlementV1.Transfer(
        id: TransferID(high: 8, low: UInt64(number + 1)), kind: .post,
        debitAccountID: accounts[0], creditAccountID: accounts[1], amount: 1, currencyCode: "VND")
    }
    _ = try await ledger.submit(many)
    var generator = TransferGenerator(SplitMix64(seed: seed))
    generator.accounts = accounts
    for _ in 0..<40 {
      _ = try await ledger.submit(generator.batch(10))
      time.set(time.now.adding(seconds: 3))
    }
    _ = try await ledger.change(accounts[4], .freeze, .make(at: time.now))
    _ = try await ledger.submit(generator.batch(10))
    await ledger.close()
  }
}
