package import GRDB
package import Model
import ServiceRuntime
package import SettlementDomain

/// The part of the ledger that a batch touches, with where it is stored.
package struct LoadedLedger: Sendable {
  /// What the rules work on.
  package var state: LedgerState
  /// Numbers of the accounts, and of the transfers that are holds.
  fileprivate var accountNumbers: [AccountID: Int64]
  fileprivate var holdNumbers: [TransferID: Int64]
}

/// Loads what a batch of transfers needs and saves what the rules made of it.
package struct LedgerStore {
  let db: Database

  package init(_ db: Database) { self.db = db }

  /// Everything that the batch refers to, once the holds whose time has come are returned: expiry
  /// counts from its moment on, whoever comes first after it.
  package func load(
    for batch: [SettlementV1.Transfer], at now: Timestamp
  ) throws -> LoadedLedger {
    try returnExpiredHolds(at: now)
    var accounts: [AccountID: Account] = [:]
    var accountNumbers: [AccountID: Int64] = [:]
    func load(_ id: AccountID?) throws {
      guard let id, accounts[id] == nil, let stored = try AccountTable(db).find(id) else { return }
      accounts[id] = stored.account
      accountNumbers[id] = stored.number
    }
    var transfers: [TransferID: KnownTransfer] = [:]
    var holds: [TransferID: Hold] = [:]
    var holdNumbers: [TransferID: Int64] = [:]
    for message in batch {
      try load(message.debitAccountID)
      try load(message.creditAccountID)
      if let id = message.id, transfers[id] == nil {
        transfers[id] = try TransferTable(db).find(id)
      }
      if let id = message.holdID, holds[id] == nil, let (number, hold) = try HoldTable(db).find(id)
      {
        holds[id] = hold
        holdNumbers[id] = number
        try load(hold.debitAccountID)
        try load(hold.creditAccountID)
      }
    }
    return LoadedLedger(
      state: LedgerState(accounts: accounts, transfers: transfers, holds: holds),
      accountNumbers: accountNumbers, holdNumbers: holdNumbers)
  }

  /// Saves what the batch recorded and refused, and the counters of the accounts it changed, each once.
  package func save(_ ledger: LoadedLedger, at now: Timestamp) throws {
    var holdNumbers = ledger.holdNumbers
    let transfers = TransferTable(db)
    for item in ledger.state.recorded {
      let transfer = item.transfer
      guard let debitID = transfer.debitAccountID, let creditID = transfer.creditAccountID,
        let debit = ledger.accountNumbers[debitID], let credit = ledger.accountNumbers[creditID],
        let environment = ledger.state.accounts[debitID]?.environment
      else { preconditionFailure("a transfer was recorded between accounts that were not loaded") }
      let number = try transfers.append(
        transfer, debit: debit, credit: credit, hold: transfer.holdID.flatMap { holdNumbers[$0] },
        environment, at: now)
      switch item.effect {
      case .post: break
      case .hold(let hold):
        try HoldTable(db).insert(number, expireTime: hold.expireTime)
        holdNumbers[hold.id] = number
      case .capture(let hold, _):
        try resolve(holdNumbers[hold.id], as: .captured, by: number)
      case .release(let hold):
        try resolve(holdNumbers[hold.id], as: .released, by: number)
      }
    }
    for change in BalanceChange.changes(
      by: ledger.state.recorded, leaving: ledger.state.accounts, at: now)
    {
      try HistoryTable(db).append(change)
    }
    for item in ledger.state.refused {
      try transfers.appendRefused(item.transfer, item.outcome, at: now)
    }
    for id in ledger.state.changedAccounts {
      guard let account = ledger.state.accounts[id], let number = ledger.accountNumbers[id] else {
        preconditionFailure("an account changed that was not loaded")
      }
      try AccountTable(db).save(account.counters, of: number)
    }
  }

  private func resolve(_ number: Int64?, as state: HoldState, by transfer: Int64) throws {
    guard let number else { preconditionFailure("a hold resolved that was not loaded") }
    try HoldTable(db).resolve(number, as: state, by: transfer)
  }

  private func returnExpiredHolds(at now: Timestamp) throws {
    for (number, hold) in try HoldTable(db).due(at: now) {
      try HoldTable(db).resolve(number, as: .expired, by: nil)
      for (id, isDebit) in [(hold.debitAccountID, true), (hold.creditAccountID, false)] {
        guard let stored = try AccountTable(db).find(id) else { continue }
        var counters = stored.account.counters
        if isDebit {
          counters.debitsPending -= hold.amount
        } else {
          counters.creditsPending -= hold.amount
        }
        try AccountTable(db).save(counters, of: stored.number)
        if stored.account.history {
          try HistoryTable(db).append(
            BalanceChange(
              accountID: id, transferID: hold.id, createTime: hold.expireTime ?? now,
              counters: counters))
        }
      }
    }
  }
}
