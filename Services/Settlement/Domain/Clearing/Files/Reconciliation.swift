package import Model

/// Why a line fits no payment, in the order in which it is checked. Raw values are those of the proto
/// and of the database.
package enum UnmatchedReason: Int32, Sendable, CaseIterable {
  case noReference = 1
  case referenceUnknown
  case environmentMismatch
  case currencyMismatch
  case directionMismatch
  case notBooked
  case duplicate
  case partialAmount
  case excessAmount
  case notExpected
  case statusUnknown
}

/// What becomes of a line of a bank's report.
package enum LineVerdict: Sendable, Hashable {
  /// It makes its payment final.
  case matched
  /// The payment was final already by this very entry.
  case repeated
  /// It sets its payment back.
  case rejected
  case noted
  case unmatched(UnmatchedReason)

  /// Raw value in the proto and the database.
  package var code: Int32 {
    switch self {
    case .matched: 1
    case .repeated: 2
    case .rejected: 3
    case .noted: 4
    case .unmatched: 5
    }
  }

  package var reason: UnmatchedReason? {
    if case .unmatched(let reason) = self { reason } else { nil }
  }

  /// - Parameters:
  ///   - leg: the payment that the line's EndToEndId names.
  ///   - window: its window, and what the payments of that one stand at.
  package static func judge(
    _ line: BankLine, _ leg: Leg?, _ window: (ClearingWindow, LegSummary)?,
    in environment: TypeV1.Environment
  ) -> LineVerdict {
    guard !line.endToEndID.isEmpty else { return .unmatched(.noReference) }
    guard let leg, let (window, legs) = window else { return .unmatched(.referenceUnknown) }
    guard window.key.environment == environment else { return .unmatched(.environmentMismatch) }
    switch line.status {
    case .underWay: return .noted
    case .unknown: return .unmatched(.statusUnknown)
    case .rejected: return leg.state == .sent ? .rejected : .unmatched(.notExpected)
    case .booked, .notBooked: break
    }
    guard line.currency == window.key.currency else { return .unmatched(.currencyMismatch) }
    guard line.direction == leg.direction else { return .unmatched(.directionMismatch) }
    guard line.status == .booked else { return .unmatched(.notBooked) }
    if leg.state == .final {
      return leg.bankReference == line.proof ? .repeated : .unmatched(.duplicate)
    }
    if line.amount < leg.amount { return .unmatched(.partialAmount) }
    if line.amount > leg.amount { return .unmatched(.excessAmount) }
    do {
      try window.requireFinal(leg.direction, legs)
    } catch {
      return .unmatched(.notExpected)
    }
    return .matched
  }
}
