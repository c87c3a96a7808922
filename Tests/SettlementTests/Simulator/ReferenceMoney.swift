import Model

/// Who has how much, and what moved since when: written to be read, like `ReferenceLedger`.
struct ReferenceMoney {
  struct Account: Hashable {
    var debits: Int128 = 0
    var heldDebits: Int128 = 0
    var credits: Int128 = 0
    var heldCredits: Int128 = 0
    var isFrozen = false
    /// How far below zero it may go; nil for the world outside.
    let cap: Int128?

    var left: Int128 { credits - debits - heldDebits }
  }

  enum Kind { case post, hold, capture, release }

  struct Move {
    var kind = Kind.post
    let debit: AccountID
    let credit: AccountID
    let amount: Int64
    /// Whether it settles a window, and is in none.
    var settlesWindow = false
  }

  /// What moved for good.
  struct Posting {
    let debit: AccountID
    let credit: AccountID
    let amount: Int64
    let isNet: Bool
    let settlesWindow: Bool
  }

  /// The exchange's own accounts.
  struct Own {
    let escrow: AccountID
    let taxOffice: AccountID
    let outside: AccountID
    let hub: AccountID
  }

  let own: Own
  var accounts: [AccountID: Account] = [:]
  /// Accounts that settle net from now on.
  var members: Set<AccountID> = []
  private(set) var postings: [Posting] = []

  init(_ own: Own) { self.own = own }

  /// Moves money, all or nothing. Returns why not.
  mutating func carry(_ moves: [Move]) -> String? {
    var next = self
    for move in moves {
      if let reason = next.move(move) { return reason }
    }
    self = next
    return nil
  }

  private mutating func move(_ move: Move) -> String? {
    guard var debit = accounts[move.debit], var credit = accounts[move.credit] else {
      return "ACCOUNT_NOT_FOUND"
    }
    let amount = Int128(move.amount)
    if debit.isFrozen || credit.isFrozen { return "ACCOUNT_FROZEN" }
    if move.kind == .post || move.kind == .hold, let cap = debit.cap, debit.left - amount < -cap {
      return cap == 0 ? "INSUFFICIENT_FUNDS" : "NET_DEBIT_CAP_EXCEEDED"
    }
    switch move.kind {
    case .hold:
      debit.heldDebits += amount
      credit.heldCredits += amount
    case .release:
      debit.heldDebits -= amount
      credit.heldCredits -= amount
    case .post, .capture:
      if move.kind == .capture {
        debit.heldDebits -= amount
        credit.heldCredits -= amount
      }
      debit.debits += amount
      credit.credits += amount
      postings.append(
        Posting(
          debit: move.debit, credit: move.credit, amount: move.amount,
          isNet: members.contains(move.debit) || members.contains(move.credit),
          settlesWindow: move.settlesWindow))
    }
    accounts[move.debit] = debit
    accounts[move.credit] = credit
    return nil
  }
}

/// Exact division, by definition: round down, then one unit each to the largest remainders, the first of equals first.
enum ReferenceDivision {
  static func parts(of amount: Int64, by weights: [Int64]) -> [Int64] {
    let total = weights.reduce(Int128(0)) { $0 + Int128($1) }
    guard total > 0 else { return weights.map { _ in 0 } }
    let shares = weights.map { Int128(amount) * Int128($0) }
    var parts = shares.map { $0 / total }
    for _ in 0..<(Int128(amount) - parts.reduce(0, +)) {
      var largest = 0
      for index in shares.indices
      where shares[index] - parts[index] * total
        > shares[largest] - parts[largest] * total
      { largest = index }
      parts[largest] += 1
    }
    return parts.map { Int64($0) }
  }
}
