import Model
import SettlementDomain

/// One transfer and the ledger it meets, to be spoilt piece by piece.
struct LedgerScenario {
  static let now = Timestamp(microseconds: 1_800_000_000_000_000)
  static let transferID = TransferID(high: 7, low: 1)
  static let holdID = TransferID(high: 7, low: 2)
  static let debitID = AccountID(high: 8, low: 1)
  static let creditID = AccountID(high: 8, low: 2)

  struct AccountSpec {
    var exists = true
    var currency = Currency.vnd
    var environment = TypeV1.Environment.live
    var kind = AccountKind.participant
    var overdraftAllowed = false
    var netDebitCap: Int64 = 0
    var state = AccountState.open
    var counters = Counters()

    func account(_ id: AccountID) -> Account {
      Account(
        id: id, ownerID: nil, currency: currency, environment: environment, kind: kind,
        overdraftAllowed: overdraftAllowed, netDebitCap: netDebitCap,
        createTime: LedgerScenario.now, state: state, counters: counters,
        number: Int64(id.low))
    }
  }

  var message: SettlementV1.Transfer
  var debit = AccountSpec()
  var credit = AccountSpec()
  var known: KnownTransfer?
  var hold: Hold?

  /// A transfer of 100 that the ledger accepts.
  init(_ kind: TransferKind) {
    message = SettlementV1.Transfer(
      id: Self.transferID, kind: SettlementV1.TransferKind(rawValue: kind.rawValue),
      debitAccountID: Self.debitID, creditAccountID: Self.creditID,
      amount: kind == .release ? 0 : 100, currencyCode: "VND",
      holdID: kind.resolvesHold ? Self.holdID : nil)
    debit.counters.creditsPosted = 1_000
    guard kind.resolvesHold else { return }
    debit.counters.debitsPending = 200
    credit.counters.creditsPending = 200
    hold = Hold(
      id: Self.holdID, debitAccountID: Self.debitID, creditAccountID: Self.creditID, amount: 200,
      currency: .vnd, expireTime: Self.now.adding(seconds: 60))
  }

  var ledger: LedgerState {
    var accounts: [Account] = []
    if debit.exists { accounts.append(debit.account(Self.debitID)) }
    if credit.exists { accounts.append(credit.account(Self.creditID)) }
    return LedgerState(
      accounts: accounts, transfers: known.map { [Self.transferID: $0] } ?? [:],
      holds: hold.map { [Self.holdID: $0] } ?? [:])
  }

  func run() -> TransferResult {
    var ledger = ledger
    return LedgerBatch.run([message], on: &ledger, at: Self.now)[0]
  }
}
