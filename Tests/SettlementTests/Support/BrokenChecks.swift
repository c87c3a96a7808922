import Model
import SettlementDomain

/// Every check that a scenario's transfer does not pass, each looked at by itself, read off the design: whether
/// two of them are broken at once does not depend on which is told.
struct BrokenChecks {
  private let scenario: LedgerScenario
  private let message: SettlementV1.Transfer
  private let hold: Hold?
  private let debit: LedgerScenario.AccountSpec?
  private let credit: LedgerScenario.AccountSpec?
  private let resolves: Bool

  static func of(_ scenario: LedgerScenario) -> Set<TransferOutcome> {
    let checks = BrokenChecks(scenario)
    return Set(TransferOutcome.allCases.filter(checks.breaks))
  }

  private init(_ scenario: LedgerScenario) {
    self.scenario = scenario
    message = scenario.message
    hold = message.holdID == LedgerScenario.holdID ? scenario.hold : nil
    debit = Self.account(message.debitAccountID ?? hold?.debitAccountID, scenario)
    credit = Self.account(message.creditAccountID ?? hold?.creditAccountID, scenario)
    resolves = message.kind == .capture || message.kind == .release
  }

  private static func account(
    _ id: AccountID?, _ scenario: LedgerScenario
  ) -> LedgerScenario.AccountSpec? {
    switch id {
    case LedgerScenario.debitID: scenario.debit.exists ? scenario.debit : nil
    case LedgerScenario.creditID: scenario.credit.exists ? scenario.credit : nil
    default: nil
    }
  }

  private func breaks(_ outcome: TransferOutcome) -> Bool {
    let states = [debit?.state, credit?.state]
    let currencies = [debit?.currency.code, credit?.currency.code].compactMap(\.self)
    switch outcome {
    case .ok: return false
    case .linkedFailed: return scenario.followsFailure && !message.linked
    case .chainOpen: return message.linked
    case .shapeInvalid: return ReferenceChecks.malformedField(of: message) != nil
    case .exists: return knownDifference == .same
    case .existsDifferent: return knownDifference == .different
    case .accountsMustDiffer:
      let (from, to) = (
        message.debitAccountID ?? hold?.debitAccountID,
        message.creditAccountID ?? hold?.creditAccountID
      )
      return from != nil && from == to
    case .debitAccountNotFound: return message.debitAccountID != nil && debit == nil
    case .creditAccountNotFound: return message.creditAccountID != nil && credit == nil
    case .holdNotFound:
      guard let hold else { return resolves }
      return (message.debitAccountID ?? hold.debitAccountID) != hold.debitAccountID
        || (message.creditAccountID ?? hold.creditAccountID) != hold.creditAccountID
    case .currencyMismatch: return currencies.contains { $0 != message.currencyCode }
    case .environmentMismatch:
      return debit != nil && credit != nil && debit?.environment != credit?.environment
    case .accountFrozen: return states.contains(.frozen)
    case .accountClosed: return states.contains(.closed)
    case .holdCaptured: return hold?.state == .captured
    case .holdReleased: return hold?.state == .released
    case .holdExpired: return hold?.state(at: LedgerScenario.now) == .expired
    case .exceedsHold: return message.amount > hold?.amount ?? .max
    case .overflow: return overflows
    case .insufficientFunds, .netDebitCapExceeded:
      guard let debit, !resolves, debit.overdraftAllowed == (outcome == .netDebitCapExceeded),
        !debit.overdraftAllowed || debit.netDebitCap > 0
      else { return false }
      let counters = debit.counters
      let left =
        Int128(counters.creditsPosted) - Int128(counters.debitsPosted)
        - Int128(counters.debitsPending) - Int128(message.amount)
      return left < -Int128(debit.netDebitCap)
    }
  }

  private enum Difference { case same, different }

  private var knownDifference: Difference? {
    guard case .recorded(let known, _)? = scenario.knownNow else { return nil }
    let isSame =
      known.kind.rawValue == message.kind.rawValue && known.amount == message.amount
      && known.debitAccountID == message.debitAccountID
      && known.creditAccountID == message.creditAccountID
      && known.currency?.code == message.currencyCode && known.isLinked == message.linked
    return isSame ? .same : .different
  }

  private var overflows: Bool {
    guard message.kind != .release else { return false }
    let amount = Int128(message.amount)
    let paid = debit?.counters ?? Counters()
    let got = credit?.counters ?? Counters()
    let pending =
      resolves ? (Int128(0), Int128(0)) : (Int128(paid.debitsPending), Int128(got.creditsPending))
    return Int128(paid.debitsPosted) + pending.0 + amount > Int128(Int64.max)
      || Int128(got.creditsPosted) + pending.1 + amount > Int128(Int64.max)
  }
}
