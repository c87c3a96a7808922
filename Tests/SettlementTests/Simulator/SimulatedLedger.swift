import GRDB
import Logging
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore
import Synchronization
import TestSupport

@testable import SettlementAPI

/// The real ledger, from its handlers down to the file, without the network.
struct SimulatedLedger {
  let database: ServiceDatabase
  let transactor: Transactor
  let handler: LedgerHandler
  private let context = CallContext.test(caller: .service(name: "settlement"))

  init(at path: String, clock: WallClock) throws {
    database = try ServiceDatabase(
      at: path, service: "settlement", migrations: SettlementSchema.migrations,
      logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() })
    transactor = Transactor(database: database, clock: clock)
    let ledger = Ledger(database)
    database.add(LedgerJournal(ledger: ledger, transactor: transactor))
    handler = LedgerHandler(transactor: transactor, ledger: ledger)
  }

  func close() async { await database.close() }

  func submit(
    _ batch: [SettlementV1.Transfer]
  ) async throws -> SettlementV1.SubmitTransfersResponse {
    try await handler.submitTransfers(.init(transfers: batch), context)
  }

  func open(_ account: SettlementV1.Account) async throws -> SettlementV1.AccountResult? {
    try await handler.createAccounts(.init(accounts: [account]), context).results.first
  }

  func lookup(_ ids: [AccountID]) async throws -> [SettlementV1.Account] {
    try await handler.lookupAccounts(.init(accountIDs: ids), context).accounts
  }

  /// Carries out a change; the answer as bytes, or why it was refused.
  func change(
    _ id: AccountID, _ change: ReferenceLedger.Change, _ request: RequestID
  ) async throws -> SettlementV1.Account {
    switch change {
    case .freeze:
      try await handler.freezeAccount(
        .init(requestID: request, accountID: id, reason: "simulated"), context
      ).account
    case .unfreeze:
      try await handler.unfreezeAccount(
        .init(requestID: request, accountID: id, reason: "simulated"), context
      ).account
    case .close:
      try await handler.closeAccount(
        .init(requestID: request, accountID: id, reason: "simulated"), context
      ).account
    case .cap(let cap):
      try await handler.setNetDebitCap(
        .init(requestID: request, accountID: id, reason: "simulated", netDebitCap: cap), context
      ).account
    }
  }

  func history(_ id: AccountID) async throws -> [ReferenceLedger.Balance] {
    var token = ""
    var balances: [ReferenceLedger.Balance] = []
    repeat {
      let page = try await handler.getBalanceHistory(
        .init(pageSize: 500, pageToken: token, accountID: id), context)
      balances += page.changes.map {
        ReferenceLedger.Balance(
          debits: Int128($0.debitsPosted), heldDebits: Int128($0.debitsPending),
          credits: Int128($0.creditsPosted), heldCredits: Int128($0.creditsPending))
      }
      token = page.nextPageToken
    } while !token.isEmpty
    return balances
  }

  /// When a batch was decided, as far as the database has it: the time of any of these transfers.
  func timeOfAny(of ids: [TransferID]) async throws -> Timestamp? {
    try await database.read { db in
      for id in ids {
        for table in ["transfer", "refused_transfer"] {
          let sql = "SELECT create_time FROM \(table) WHERE id = ?"
          if let time = try Timestamp.fetchOne(db, sql: sql, arguments: [id]) { return time }
        }
      }
      return nil
    }
  }

  /// Whether the audit events in the outbox have every number from the first on.
  func outboxIsGapless() async throws -> Bool {
    try await database.read { db in
      try Bool.fetchOne(
        db,
        sql:
          "SELECT coalesce(max(sequence), 0) - coalesce(min(sequence), 1) + 1 = count(*) FROM outbox"
      ) ?? false
    }
  }

  func findings() async throws -> [String] {
    try await database.read { try LedgerHandler.verify($0).findings.map(\.text) }
  }
}

/// A clock that stands still or, while requests run side by side, goes on by a microsecond whenever it is looked at,
/// so that each has a time of its own.
final class SimulatedTime: Sendable {
  private let state: Mutex<(now: Timestamp, isTicking: Bool)>

  init(_ start: Timestamp) { state = Mutex((start, false)) }

  var now: Timestamp { state.withLock { $0.now } }

  var clock: WallClock {
    WallClock {
      self.state.withLock { state in
        if state.isTicking { state.now = state.now.adding(microseconds: 1) }
        return state.now
      }
    }
  }

  func tick(_ isTicking: Bool) { state.withLock { $0.isTicking = isTicking } }

  func set(_ now: Timestamp) { state.withLock { $0.now = now } }
}
