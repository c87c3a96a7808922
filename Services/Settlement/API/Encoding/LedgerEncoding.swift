import Model
import SettlementDomain

extension SettlementV1.Account {
  init(_ account: Account) {
    self.init(
      id: account.id, ownerID: account.ownerID, currencyCode: account.currency.code,
      environment: account.environment,
      kind: SettlementV1.AccountKind(rawValue: account.kind.rawValue),
      overdraftAllowed: account.overdraftAllowed, debitsPosted: account.counters.debitsPosted,
      debitsPending: account.counters.debitsPending,
      creditsPosted: account.counters.creditsPosted,
      creditsPending: account.counters.creditsPending,
      state: SettlementV1.AccountState(rawValue: account.state.rawValue),
      createTime: account.createTime, netDebitCap: account.netDebitCap,
      history: account.history)
  }
}

extension SettlementV1.Transfer {
  init(_ entry: LedgerEntry) {
    let transfer = entry.transfer
    self.init(
      id: transfer.id, kind: SettlementV1.TransferKind(rawValue: transfer.kind.rawValue),
      debitAccountID: transfer.debitAccountID, creditAccountID: transfer.creditAccountID,
      amount: transfer.amount, currencyCode: transfer.currency?.code ?? "",
      holdID: transfer.holdID, timeoutSeconds: transfer.timeoutSeconds, linked: transfer.isLinked,
      orderID: transfer.orderID, windowID: transfer.windowID, createTime: entry.createTime)
  }
}

extension SettlementV1.BalanceChange {
  init(_ change: BalanceChange) {
    self.init(
      transferID: change.transferID, createTime: change.createTime,
      debitsPosted: change.counters.debitsPosted, debitsPending: change.counters.debitsPending,
      creditsPosted: change.counters.creditsPosted, creditsPending: change.counters.creditsPending)
  }
}

extension SettlementV1.TransferResult {
  init(_ result: TransferResult) {
    self.init(
      outcome: SettlementV1.TransferOutcome(rawValue: result.outcome.rawValue),
      field: result.field)
  }
}
