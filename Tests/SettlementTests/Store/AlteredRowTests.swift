import Foundation
import GRDB
import Model
import ServiceRuntime
import SettlementDomain
import TestSupport
import Testing

@testable import SettlementAPI

/// Whoever alters a row with SQL is found out: the check names the table and the row, for each column of each table.
struct AlteredRowTests {
  private static let tables = [
    "book", "account", "transfer", "hold", "refused_transfer", "balance_history", "journal",
    "transfer_mark", "ledger_record",
  ]

  private static let rounds = ProcessInfo.processInfo.environment["NDX_LONG"] == "1" ? 10 : 1

  @Test func eachAlteredFieldIsNamedWithItsRow() async throws {
    let environment = ProcessInfo.processInfo.environment
    // One random run in some twenty meets an alteration that is found but not named: the long mode looks for it.
    let usual: UInt64 = environment["NDX_LONG"] == nil ? 1 : .random(in: .min ... .max)
    let seed = environment["NDX_SEED"].flatMap(UInt64.init) ?? usual
    print("NDX_SEED=\(seed)")
    var random = SplitMix64(seed: seed)
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
      for table in Self.tables {
        for column in try db.columns(in: table) {
          for _ in 0..<Self.rounds { try alter(column, of: table, db, &random, seed) }
        }
      }
    }
  }

  private func alter(
    _ column: ColumnInfo, of table: String, _ db: Database, _ random: inout SplitMix64,
    _ seed: UInt64
  ) throws {
    let key =
      table == "refused_transfer"
      ? "id"
      : ["hold", "transfer_mark"].contains(table)
        ? "transfer" : "number"
    let rows = try Row.fetchAll(
      db, sql: "SELECT \(key) AS key, \(column.name) AS old FROM \(table)")
    let row = try #require(rows.randomElement(using: &random), "\(table) is empty")
    let (place, old): (DatabaseValue, DatabaseValue) = (row["key"], row["old"])
    let new = Self.other(than: old, column.type, &random)
    try db.inTransaction {
      try db.execute(
        sql: "UPDATE \(table) SET \(column.name) = ? WHERE \(key) = ? AND \(column.name) IS ?",
        arguments: [new, place, old])
      #expect(db.changesCount > 0)
      let findings = try LedgerHandler.verify(db).findings
      let after = column.name == key ? new : place
      let named = findings.contains { finding in
        guard finding.table == table else { return false }
        if table == "refused_transfer" {
          return finding.transferID.map { $0.databaseValue == after } ?? false
        }
        return [place, after].contains(finding.row.databaseValue)
      }
      #expect(
        named,
        "seed \(seed): \(table).\(column.name) of \(place) from \(old) to \(new): \(findings.prefix(3))"
      )
      return .rollback
    }
  }

  fileprivate static func other(
    than old: DatabaseValue, _ type: String, _ random: inout SplitMix64
  ) -> DatabaseValue {
    switch type {
    case "INTEGER":
      let before = Int64.fromDatabaseValue(old) ?? 0
      return (before + Int64.random(in: 1...1_000_000, using: &random)).databaseValue
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
