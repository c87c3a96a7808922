import Model
import SettlementDomain
import Testing

struct HoldTests {
  @Test func holdExpiresAtItsMomentAndNotBefore() {
    let scenario = LedgerScenario(.capture)
    let expiry = LedgerScenario.now.adding(seconds: 60)
    for (now, outcome) in [
      (expiry.adding(microseconds: -1), TransferOutcome.ok), (expiry, .holdExpired),
    ] {
      var ledger = scenario.ledger
      #expect(LedgerBatch.run([scenario.message], on: &ledger, at: now)[0].outcome == outcome)
    }
  }

  @Test func partialCaptureReturnsTheRest() {
    let scenario = LedgerScenario(.capture)
    var ledger = scenario.ledger
    _ = LedgerBatch.run([scenario.message], on: &ledger, at: LedgerScenario.now)
    let debit = ledger.accounts[LedgerScenario.debitID]
    #expect(debit?.counters.debitsPosted == 100)
    #expect(debit?.counters.debitsPending == 0)
    #expect(debit?.available == 900)
    #expect(ledger.accounts[LedgerScenario.creditID]?.balance == 100)
  }

  @Test func captureOfZeroTakesTheWholeHold() {
    var scenario = LedgerScenario(.capture)
    scenario.message.amount = 0
    var ledger = scenario.ledger
    _ = LedgerBatch.run([scenario.message], on: &ledger, at: LedgerScenario.now)
    #expect(ledger.accounts[LedgerScenario.creditID]?.balance == 200)
  }

  @Test func heldMoneyCannotBeSpent() {
    var scenario = LedgerScenario(.post)
    scenario.debit.counters.debitsPending = 950
    #expect(scenario.run().outcome == .insufficientFunds)
  }

  @Test func holdResolvesOnce() {
    let scenario = LedgerScenario(.capture)
    var ledger = scenario.ledger
    var release = scenario.message
    release.id = TransferID(high: 7, low: 3)
    (release.kind, release.amount) = (.release, 0)
    let results = LedgerBatch.run([scenario.message, release], on: &ledger, at: LedgerScenario.now)
    #expect(results.map(\.outcome) == [.ok, .holdCaptured])
  }

  @Test func accountsOtherThanTheHoldsAreNoHold() {
    var scenario = LedgerScenario(.capture)
    swap(&scenario.message.debitAccountID, &scenario.message.creditAccountID)
    #expect(scenario.run().outcome == .holdNotFound)
  }
}
