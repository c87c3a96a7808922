import Model
import SettlementDomain
import Testing

/// The order of checks is API: of two things that are wrong, the earlier one is told.
struct OrderOfChecksTests {
  struct Fault: Sendable, CustomTestStringConvertible {
    let outcome: TransferOutcome
    /// Faults of one group set the same thing and cannot come together.
    var group = ""
    let apply: @Sendable (inout LedgerScenario) -> Void

    var testDescription: String { outcome.reason }
  }

  private static let common: [Fault] = [
    Fault(outcome: .chainOpen) { $0.message.linked = true },
    Fault(outcome: .shapeInvalid) { $0.message.amount = -1 },
    Fault(outcome: .existsDifferent) { scenario in
      scenario.known = .recorded(
        Transfer(
          id: LedgerScenario.transferID, kind: .post, debitAccountID: LedgerScenario.creditID,
          creditAccountID: LedgerScenario.debitID, amount: 3, currency: .vnd),
        at: LedgerScenario.now)
    },
    Fault(outcome: .accountsMustDiffer) { $0.message.creditAccountID = $0.message.debitAccountID },
    Fault(outcome: .debitAccountNotFound) {
      $0.message.debitAccountID = AccountID(high: 9, low: 1)
    },
    Fault(outcome: .creditAccountNotFound) {
      $0.message.creditAccountID = AccountID(high: 9, low: 2)
    },
  ]

  private static let accounts: [Fault] = [
    Fault(outcome: .currencyMismatch) { $0.message.currencyCode = "USD" },
    Fault(outcome: .environmentMismatch) { $0.credit.environment = .sandbox },
    Fault(outcome: .accountFrozen) { $0.credit.state = .frozen },
    Fault(outcome: .accountClosed) { $0.debit.state = .closed },
  ]

  private static let overflow = Fault(outcome: .overflow) {
    $0.credit.counters.creditsPosted = .max
  }

  static let ofPosting: [Fault] =
    common + accounts + [
      overflow,
      Fault(outcome: .insufficientFunds, group: "funds") { $0.debit.counters.creditsPosted = 99 },
      Fault(outcome: .netDebitCapExceeded, group: "funds") {
        $0.debit.overdraftAllowed = true
        $0.debit.netDebitCap = 50
        $0.debit.counters.creditsPosted = 49
      },
    ]

  static let ofCapturing: [Fault] =
    common + [Fault(outcome: .holdNotFound) { $0.hold = nil }] + accounts + [
      Fault(outcome: .holdCaptured, group: "hold") { $0.hold?.state = .captured },
      Fault(outcome: .holdReleased, group: "hold") { $0.hold?.state = .released },
      Fault(outcome: .holdExpired, group: "hold") { $0.hold?.state = .expired },
      Fault(outcome: .exceedsHold) { $0.message.amount = 201 }, overflow,
    ]

  @Test(arguments: [TransferKind.post, .hold, .capture, .release])
  func soundTransferIsAccepted(kind: TransferKind) {
    #expect(LedgerScenario(kind).run() == TransferResult(.ok))
  }

  @Test(arguments: [TransferKind.post, .hold])
  func eachFaultOfAPostingIsTold(kind: TransferKind) {
    for fault in Self.ofPosting { expect(fault, alone: kind) }
  }

  @Test func eachFaultOfACaptureIsTold() {
    for fault in Self.ofCapturing { expect(fault, alone: .capture) }
  }

  @Test(arguments: [TransferKind.post, .hold])
  func ofTwoFaultsOfAPostingTheEarlierIsTold(kind: TransferKind) {
    expectEarlier(of: Self.ofPosting, kind)
  }

  @Test func ofTwoFaultsOfACaptureTheEarlierIsTold() {
    expectEarlier(of: Self.ofCapturing, .capture)
  }

  @Test func faultsAreListedInTheOrderOfTheProto() {
    for faults in [Self.ofPosting, Self.ofCapturing] {
      let values = faults.map(\.outcome.rawValue)
      #expect(values == values.sorted())
    }
    #expect(
      TransferOutcome.allCases.map { "TRANSFER_OUTCOME_" + $0.reason }
        == SettlementV1.TransferOutcome.allCases.filter { $0.rawValue > 0 }.compactMap(\.protoName))
  }

  private func expect(_ fault: Fault, alone kind: TransferKind) {
    var scenario = LedgerScenario(kind)
    fault.apply(&scenario)
    #expect(scenario.run().outcome == fault.outcome, "\(kind)")
  }

  private func expectEarlier(of faults: [Fault], _ kind: TransferKind) {
    for (index, earlier) in faults.enumerated() {
      for later in faults[(index + 1)...] where later.group.isEmpty || later.group != earlier.group
      {
        var scenario = LedgerScenario(kind)
        later.apply(&scenario)
        earlier.apply(&scenario)
        #expect(
          scenario.run().outcome == earlier.outcome,
          "\(kind): \(earlier.outcome.reason) before \(later.outcome.reason)")
      }
    }
  }
}
