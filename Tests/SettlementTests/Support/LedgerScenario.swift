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
  /// The same transfer was recorded before, whatever it turns out to be.
  var isRecorded = false
  /// It stands or falls with a transfer before it, which fails.
  var followsFailure = false

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
      accounts: accounts, transfers: knownNow.map { [Self.transferID: $0] } ?? [:],
      holds: hold.map { [Self.holdID: $0] } ?? [:])
  }

  /// What the ledger remembers under the transfer's id.
  var knownNow: KnownTransfer? {
    guard isRecorded else { return known }
    return (try? TransferShape.check(message)).map { .recorded($0, at: Self.now) }
  }

  func run() -> TransferResult {
    var ledger = ledger
    var batch = [message]
    if followsFailure {
      batch.insert(
        SettlementV1.Transfer(
          id: TransferID(high: 7, low: 9), kind: .post, debitAccountID: Self.debitID,
          creditAccountID: Self.debitID, amount: 1, currencyCode: "VND", linked: true), at: 0)
    }
    return LedgerBatch.run(batch, on: &ledger, at: Self.now)[batch.count - 1]
  }
}
