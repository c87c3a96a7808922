import Crypto
package import Model

/// What a window nets to for one account, in minor units.
package struct Position: Sendable, Hashable {
  package let accountID: AccountID
  package var debits: Int64
  package var credits: Int64

  package init(accountID: AccountID, debits: Int64, credits: Int64) {
    self.accountID = accountID
    self.debits = debits
    self.credits = credits
  }

  package var net: Int64 { credits - debits }
}

/// The positions of a window as they are fixed when it closes.
package struct PositionSnapshot: Sendable, Hashable {
  /// In order of account id.
  package let positions: [Position]
  package let digest: Digest

  /// Canonical form, of which the digest is SHA-256: lines of UTF-8 that end in LF, their parts
  /// separated by one space. `ndx-clearing-window-v1`; the window's id; currency, environment and
  /// model; number of the first and of the last transfer; then for each position, in order of account
  /// id, the id, debits and credits.
  ///
  /// - Throws: `ClearingRule.unbalanced` when the nets do not sum to zero.
  package init(
    _ positions: [Position], of window: WindowID, _ key: WindowKey, first: Int64, last: Int64
  ) throws(ClearingRule) {
    var debits: Int64 = 0
    var credits: Int64 = 0
    for position in positions {
      let (debitSum, debitOverflow) = debits.addingReportingOverflow(position.debits)
      let (creditSum, creditOverflow) = credits.addingReportingOverflow(position.credits)
      guard !debitOverflow, !creditOverflow else { throw .unbalanced }
      (debits, credits) = (debitSum, creditSum)
    }
    guard debits == credits else { throw .unbalanced }
    let sorted = positions.map { (key: $0.accountID.description, position: $0) }
      .sorted { $0.key < $1.key }
    let environment = key.environment == .live ? "LIVE" : "SANDBOX"
    var hasher = SHA256()
    hasher.update(
      """
      ndx-clearing-window-v1
      \(window)
      \(key.currency.code) \(environment) \(key.model.name)
      \(first) \(last)

      """.utf8)
    for (id, position) in sorted {
      hasher.update("\(id) \(position.debits) \(position.credits)\n".utf8)
    }
    self.positions = sorted.map(\.position)
    digest = hasher.finalize()
  }
}
