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
      try store.save(db)
      return results
    }
  }

  /// The same without a savepoint of its own, as the ledger's RPC does; `sabotage` runs at its end.
  @discardableResult
  func decide(
    _ batch: [SettlementV1.Transfer], at now: Timestamp = TestLedger.now,
    sabotage: @escaping @Sendable () throws -> Void = {}
  ) async throws -> [TransferResult] {
    try await database.decide { [store] db in
      try store.load(for: batch, at: now, db)
      let results = LedgerBatch.run(batch, on: &store.state, at: now)
      try sabotage()
      return results
    }
  }

  /// Holds the writer until all of `bodies` wait for it, in order, so that they share one commit.
  func together(
    _ bodies: [@Sendable (TestLedger) async throws -> [TransferResult]]
  ) async throws -> [[TransferOutcome]?] {
    let gate = Gate()
    async let held: Void = database.write { _ in gate.pass() }
    await gate.untilReached()
    var tasks: [Task<[TransferResult], any Error>] = []
    for body in bodies {
      tasks.append(Task { try await body(self) })
      while database.queuedWrites < tasks.count { await Task.yield() }
    }
    let before = database.statistics.commits
    gate.open()
    try await held
    var outcomes: [[TransferOutcome]?] = []
    for task in tasks { outcomes.append(try? await task.value.map(\.outcome)) }
    precondition(database.statistics.commits <= before + 2, "the bodies shared a commit")
    return outcomes
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
