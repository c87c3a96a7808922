import Model
import SettlementDomain
import Testing

struct LinkedChainTests {
  private func transfer(_ number: UInt64, _ amount: Int64, linked: Bool) -> SettlementV1.Transfer {
    SettlementV1.Transfer(
      id: TransferID(high: 5, low: number), kind: .post, debitAccountID: LedgerScenario.debitID,
      creditAccountID: LedgerScenario.creditID, amount: amount, currencyCode: "VND", linked: linked)
  }

  @Test func oneFailureUndoesItsChainAndNothingElse() {
    var ledger = LedgerScenario(.post).ledger
    let batch = [
      transfer(1, 100, linked: false), transfer(2, 100, linked: true),
      transfer(3, 5_000, linked: true), transfer(4, 1, linked: false),
      transfer(5, 100, linked: false),
    ]
    let results = LedgerBatch.run(batch, on: &ledger, at: LedgerScenario.now)
    #expect(
      results.map(\.outcome) == [.ok, .linkedFailed, .insufficientFunds, .linkedFailed, .ok])
    #expect(ledger.recorded.map(\.transfer.id.low) == [1, 5])
    #expect(ledger.refused.map(\.transfer.id.low) == [3])
    #expect(ledger.accounts[LedgerScenario.creditID]?.counters.creditsPosted == 200)
  }

  @Test func chainWithoutEndIsOpen() {
    var ledger = LedgerScenario(.post).ledger
    let batch = [transfer(1, 1, linked: true), transfer(2, 1, linked: true)]
    let results = LedgerBatch.run(batch, on: &ledger, at: LedgerScenario.now)
    #expect(results.map(\.outcome) == [.linkedFailed, .chainOpen])
    #expect(ledger.recorded.isEmpty && ledger.refused.isEmpty)
  }

  @Test func recordedChainExistsOnRetry() {
    var ledger = LedgerScenario(.post).ledger
    let batch = [transfer(1, 10, linked: true), transfer(2, 20, linked: false)]
    _ = LedgerBatch.run(batch, on: &ledger, at: LedgerScenario.now)
    let retry = LedgerBatch.run(batch, on: &ledger, at: LedgerScenario.now)
    #expect(retry.map(\.outcome) == [.exists, .exists])
  }

  @Test func undoneHoldAndCaptureLeaveNoTrace() {
    let scenario = LedgerScenario(.capture)
    var ledger = scenario.ledger
    var capture = scenario.message
    capture.linked = true
    var hold = transfer(6, 10, linked: true)
    hold.kind = .hold
    let results = LedgerBatch.run(
      [capture, hold, transfer(7, 9_999, linked: false)], on: &ledger, at: LedgerScenario.now)
    #expect(results.map(\.outcome) == [.linkedFailed, .linkedFailed, .insufficientFunds])
    #expect(ledger.accounts.all == scenario.ledger.accounts.all)
    #expect(ledger.holds == scenario.ledger.holds)
  }
}
