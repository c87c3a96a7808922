import Model
import SettlementDomain
import Testing

struct TransferReplayTests {
  @Test(arguments: TransferKind.allCases) func sameTransferAgainExists(kind: TransferKind) {
    let scenario = LedgerScenario(kind)
    var ledger = scenario.ledger
    let first = LedgerBatch.run([scenario.message], on: &ledger, at: LedgerScenario.now)
    let counters = ledger.accounts.all.map(\.counters)
    let later = LedgerScenario.now.adding(seconds: 3600)
    let again = LedgerBatch.run([scenario.message], on: &ledger, at: later)
    #expect(first == [TransferResult(.ok)])
    #expect(again == [TransferResult(.exists)])
    #expect(ledger.accounts.all.map(\.counters) == counters)
  }

  @Test func captureThatLeavesOutWhatItsHoldSaysIsTheSame() {
    let scenario = LedgerScenario(.capture)
    var ledger = scenario.ledger
    var full = scenario.message
    full.amount = 200
    var short = full
    (short.debitAccountID, short.creditAccountID) = (nil, nil)
    (short.amount, short.currencyCode) = (0, "")
    let results = LedgerBatch.run([full, short], on: &ledger, at: LedgerScenario.now)
    #expect(results.map(\.outcome) == [.ok, .exists])
  }

  @Test func differingFieldIsNamed() {
    let spoilers: [(String, (inout SettlementV1.Transfer) -> Void)] = [
      ("kind", { $0.kind = .hold }),
      ("debit_account_id", { $0.debitAccountID = AccountID(high: 9, low: 9) }),
      ("credit_account_id", { $0.creditAccountID = AccountID(high: 9, low: 9) }),
      ("amount", { $0.amount = 101 }), ("currency_code", { $0.currencyCode = "USD" }),
      ("order_id", { $0.orderID = OrderID(high: 1, low: 1) }),
      ("window_id", { $0.windowID = WindowID(high: 1, low: 1) }),
    ]
    for (field, spoil) in spoilers {
      let scenario = LedgerScenario(.post)
      var ledger = scenario.ledger
      var other = scenario.message
      spoil(&other)
      let results = LedgerBatch.run([scenario.message, other], on: &ledger, at: LedgerScenario.now)
      #expect(results[1] == TransferResult(.existsDifferent, field: field))
    }
  }

  @Test func refusalNeverFlips() {
    var scenario = LedgerScenario(.post)
    scenario.debit.counters.creditsPosted = 50
    var ledger = scenario.ledger
    let first = LedgerBatch.run([scenario.message], on: &ledger, at: LedgerScenario.now)
    let deposit = SettlementV1.Transfer(
      id: TransferID(high: 7, low: 9), kind: .post, debitAccountID: LedgerScenario.creditID,
      creditAccountID: LedgerScenario.debitID, amount: 60, currencyCode: "VND")
    var rich = scenario
    rich.credit.counters.creditsPosted = 1_000
    rich.known = ledger.known(LedgerScenario.transferID)
    var later = rich.ledger
    let retry = LedgerBatch.run([deposit, scenario.message], on: &later, at: LedgerScenario.now)
    #expect(first == [TransferResult(.insufficientFunds)])
    #expect(retry.map(\.outcome) == [.ok, .insufficientFunds])
  }

  @Test func refusedIdIsNotFreeForAnotherTransfer() {
    var scenario = LedgerScenario(.post)
    scenario.debit.counters.creditsPosted = 50
    var ledger = scenario.ledger
    var smaller = scenario.message
    smaller.amount = 10
    let results = LedgerBatch.run([scenario.message, smaller], on: &ledger, at: LedgerScenario.now)
    #expect(results[1] == TransferResult(.existsDifferent, field: "amount"))
  }
}
