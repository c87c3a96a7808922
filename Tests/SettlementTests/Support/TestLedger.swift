import GRDB
import Model
import ServiceRuntime
import SettlementDomain
import SettlementStore
import TestSupport

/// A ledger on a real database in a temporary folder.
final class TestLedger: Sendable {
  let database: ServiceDatabase
  private let directory: TemporaryDirectory
  private let store = LedgerStore()

  init() throws {
    directory = try TemporaryDirectory()
    database = try ServiceDatabase(
      at: directory.path + "/settlement.sqlite", service: "settlement",
      migrations: SettlementSchema.migrations)
    database.add(store)
  }

  static let now = LedgerScenario.now

  func open(_ account: Account) async throws {
    try await database.write { try AccountTable($0).insert(account) }
  }

  /// Opens a participant's account and, with overdraft, an external one.
  func open(
    _ number: UInt64, external: Bool = false, environment: TypeV1.Environment = .live,
    currency: Currency = .vnd
  ) async throws -> AccountID {
    let id = AccountID(high: 1, low: number)
    try await open(
      Account(
        id: id, ownerID: external ? nil : ParticipantID(high: 1, low: number), currency: currency,
        environment: environment, kind: external ? .external : .participant,
        overdraftAllowed: external, createTime: Self.now))
    return id
  }

  @discardableResult
  func submit(
    _ batch: [SettlementV1.Transfer], at now: Timestamp = TestLedger.now
  ) async throws -> [TransferResult] {
    try await database.write { [store] db in
      try store.load(for: batch, at: now, db)
      let results = LedgerBatch.run(batch, on: &store.state, at: now)
      try store.save(at: now, db)
      return results
    }
  }

  func account(_ id: AccountID, at now: Timestamp = TestLedger.now) async throws -> Account? {
    try await database.read { db in
      try AccountTable(db).find(id).map { try AccountTable(db).current($0, at: now) }
    }
  }

  /// What does not agree when every balance is computed again.
  func findings() async throws -> [LedgerVerifier.Finding] {
    try await database.read { db in
      var check = LedgerCheck(db)
      try check.run()
      // This ledger keeps no journal.
      return check.verifier.findings.filter { !$0.text.contains("no link in the journal") }
    }
  }
}
