import Model
import SettlementDomain
import Testing

/// The order of checks is API: of two things that are wrong with a transfer, the earlier one is told.
///
/// Every two reasons are here, by construction: two of which no scenario has both must be said to exclude each
/// other, and two of which one does must not.
struct OrderOfChecksTests {
  typealias Fault = @Sendable (inout LedgerScenario) -> Void

  /// Ways to give a transfer each fault, whatever else is wrong with it. What a way does not do for some kind of
  /// transfer is found out by looking.
  private static func ways(to outcome: TransferOutcome) -> [Fault] {
    switch outcome {
    case .ok: []
    case .linkedFailed: [{ $0.followsFailure = true }]
    case .chainOpen: [{ $0.message.linked = true }]
    case .shapeInvalid: [{ $0.message.amount = -1 }, { $0.message.timeoutSeconds = -1 }]
    case .exists: [{ $0.isRecorded = true }]
    case .existsDifferent:
      [
        {
          $0.known = .recorded(
            Transfer(
              id: LedgerScenario.transferID, kind: .post, debitAccountID: LedgerScenario.creditID,
              creditAccountID: LedgerScenario.debitID, amount: 3, currency: .vnd),
            at: LedgerScenario.now)
        }
      ]
    case .accountsMustDiffer:
      [
        { $0.message.creditAccountID = $0.message.debitAccountID },
        { $0.message.debitAccountID = $0.message.creditAccountID },
      ]
    case .debitAccountNotFound: [{ $0.message.debitAccountID = AccountID(high: 9, low: 1) }]
    case .creditAccountNotFound: [{ $0.message.creditAccountID = AccountID(high: 9, low: 2) }]
    case .holdNotFound:
      [
        { $0.hold = nil },
        { scenario in
          (scenario.message.debitAccountID, scenario.message.creditAccountID) = (
            LedgerScenario.creditID, LedgerScenario.debitID
          )
        },
      ]
    case .currencyMismatch: [{ $0.message.currencyCode = "USD" }]
    case .environmentMismatch: [{ $0.credit.environment = .sandbox }]
    case .accountFrozen: [{ $0.credit.state = .frozen }, { $0.debit.state = .frozen }]
    case .accountClosed: [{ $0.debit.state = .closed }, { $0.credit.state = .closed }]
    case .holdCaptured: [{ $0.hold?.state = .captured }]
    case .holdReleased: [{ $0.hold?.state = .released }]
    case .holdExpired: [{ $0.hold?.state = .expired }]
    case .exceedsHold: [{ $0.message.amount = 201 }]
    case .overflow:
      [{ $0.credit.counters.creditsPosted = .max }, { $0.debit.counters.debitsPosted = .max }]
    case .insufficientFunds: [{ $0.debit.counters.creditsPosted = 99 }]
    case .netDebitCapExceeded:
      [
        {
          $0.debit.overdraftAllowed = true
          $0.debit.netDebitCap = 50
          $0.debit.counters.creditsPosted = 49
        }
      ]
    }
  }

  struct Exclusion: Sendable {
    let one: Set<TransferOutcome>
    let other: Set<TransferOutcome>
    let reason: String

    init(_ one: Set<TransferOutcome>, _ other: Set<TransferOutcome>, because reason: String) {
      self.one = one
      self.other = other
      self.reason = reason
    }

    func covers(_ first: TransferOutcome, _ second: TransferOutcome) -> Bool {
      one.contains(first) && other.contains(second)
        || one.contains(second) && other.contains(first)
    }
  }

  private static let resolved: Set<TransferOutcome> = [.holdCaptured, .holdReleased, .holdExpired]
  private static let funds: Set<TransferOutcome> = [.insufficientFunds, .netDebitCapExceeded]

  /// What cannot be wrong together.
  private static let exclusions: [Exclusion] = [
    Exclusion(
      [.linkedFailed], [.chainOpen],
      because: "the last of an open chain is told so, the others that they failed with it"),
    Exclusion([.shapeInvalid], [.exists], because: "what is malformed was never recorded"),
    Exclusion([.exists], [.existsDifferent], because: "it is the same or it is not"),
    Exclusion(
      [.environmentMismatch],
      [.accountsMustDiffer, .debitAccountNotFound, .creditAccountNotFound],
      because: "it takes two accounts to be of different environments"),
    Exclusion(
      funds, [.debitAccountNotFound], because: "an account that is not there has no funds to lack"),
    Exclusion(
      funds, resolved.union([.holdNotFound, .exceedsHold]),
      because: "a hold has its funds set aside: they are not looked at again"),
    Exclusion(resolved, resolved, because: "a hold resolves once"),
    Exclusion(funds, funds, because: "an account may be overdrawn or it may not"),
  ]

  private static let kinds: [TransferKind] = [.post, .hold, .capture, .release]
  private static let refusals = TransferOutcome.allCases.filter { $0 != .ok }

  @Test(arguments: kinds)
  func soundTransferIsAccepted(kind: TransferKind) {
    #expect(LedgerScenario(kind).run() == TransferResult(.ok))
    #expect(BrokenChecks.of(LedgerScenario(kind)).isEmpty)
  }

  @Test func eachFaultAloneIsTold() {
    for outcome in Self.refusals {
      var isTold = false
      for kind in Self.kinds {
        for way in Self.ways(to: outcome) {
          var scenario = LedgerScenario(kind)
          way(&scenario)
          guard BrokenChecks.of(scenario) == [outcome] else { continue }
          isTold = true
          #expect(scenario.run().outcome == outcome, "\(kind)")
        }
      }
      #expect(isTold, "no transfer has \(outcome.reason) alone")
    }
  }

  @Test func ofTwoFaultsTheEarlierIsTold() {
    for (index, earlier) in Self.refusals.enumerated() {
      for later in Self.refusals[(index + 1)...] {
        let count = Self.kinds.map { expect(earlier, before: later, $0) }.reduce(0, +)
        let exclusion = Self.exclusions.first { $0.covers(earlier, later) }
        #expect(
          (count > 0) == (exclusion == nil),
          "\(earlier.reason) and \(later.reason): \(count) transfers, \(exclusion?.reason ?? "")")
      }
    }
  }

  /// How many transfers of a kind have both faults.
  private func expect(
    _ earlier: TransferOutcome, before later: TransferOutcome, _ kind: TransferKind
  ) -> Int {
    var count = 0
    for one in Self.ways(to: earlier) {
      for other in Self.ways(to: later) {
        for faults in [[one, other], [other, one]] {
          var scenario = LedgerScenario(kind)
          for fault in faults { fault(&scenario) }
          let broken = BrokenChecks.of(scenario)
          guard broken.isSuperset(of: [earlier, later]) else { continue }
          // A way may break more than it is to: the first of them all is told.
          guard broken.allSatisfy({ $0.rawValue >= earlier.rawValue }) else { continue }
          count += 1
          #expect(
            scenario.run().outcome == earlier,
            "\(kind): \(earlier.reason) before \(later.reason)")
        }
      }
    }
    return count
  }

  @Test func reasonsAreThoseOfTheProtoInItsOrder() {
    #expect(
      TransferOutcome.allCases.map { "TRANSFER_OUTCOME_" + $0.reason }
        == SettlementV1.TransferOutcome.allCases.filter { $0.rawValue > 0 }.compactMap(\.protoName))
  }
}
