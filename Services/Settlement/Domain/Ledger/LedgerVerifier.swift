package import Model

/// Recomputes every balance from the transfers alone and compares it with the cached counters.
/// Fed first all transfers in order, with what became of the holds, then all accounts.
package struct LedgerVerifier: Sendable {
  /// Most findings kept: enough to see what is wrong, few enough for one answer.
  package static let findingsLimit = 1000

  package struct Finding: Sendable, Hashable {
    package let accountID: AccountID?
    package let transferID: TransferID?
    package let text: String
  }

  /// One recorded transfer; for a CAPTURE or RELEASE with the amount of its hold, for a HOLD with
  /// whether it still counts.
  package struct Item: Sendable {
    package let entry: LedgerEntry
    package let holdAmount: Int64
    package let isPending: Bool

    package init(entry: LedgerEntry, holdAmount: Int64, isPending: Bool) {
      self.entry = entry
      self.holdAmount = holdAmount
      self.isPending = isPending
    }
  }

  package private(set) var findings: [Finding] = []
  package private(set) var accountsChecked: Int64 = 0
  package private(set) var transfersChecked: Int64 = 0
  private var counters: [AccountID: Counters] = [:]
  private var totals: [Book: Int64] = [:]

  private struct Book: Hashable {
    let currency: Currency
    let environment: TypeV1.Environment
  }

  package init() {}

  package mutating func add(_ item: Item) {
    transfersChecked += 1
    let transfer = item.entry.transfer
    if item.entry.sequence != transfersChecked {
      report(
        transfer: transfer.id,
        "sequence \(item.entry.sequence) where \(transfersChecked) was expected")
    }
    guard let debit = transfer.debitAccountID, let credit = transfer.creditAccountID else {
      report(transfer: transfer.id, "has no accounts")
      return
    }
    switch transfer.kind {
    case .post: post(transfer.amount, debit, credit)
    case .hold:
      guard item.isPending else { return }
      counters[debit, default: Counters()].debitsPending += transfer.amount
      counters[credit, default: Counters()].creditsPending += transfer.amount
    case .capture:
      if transfer.amount > item.holdAmount {
        report(transfer: transfer.id, "captures \(transfer.amount) of \(item.holdAmount)")
      }
      post(transfer.amount, debit, credit)
    case .release: return
    }
  }

  package mutating func add(_ account: Account) {
    accountsChecked += 1
    let computed = counters.removeValue(forKey: account.id) ?? Counters()
    let pairs: [(String, Int64, Int64)] = [
      ("debits_posted", account.counters.debitsPosted, computed.debitsPosted),
      ("debits_pending", account.counters.debitsPending, computed.debitsPending),
      ("credits_posted", account.counters.creditsPosted, computed.creditsPosted),
      ("credits_pending", account.counters.creditsPending, computed.creditsPending),
    ]
    for (name, cached, sum) in pairs where cached != sum {
      report(account: account.id, "\(name) is \(cached) but its transfers sum to \(sum)")
    }
    if !account.overdraftAllowed, account.available < 0 {
      report(account: account.id, "is \(account.available) below zero")
    }
    totals[Book(currency: account.currency, environment: account.environment), default: 0] +=
      account.balance
  }

  /// A finding of the caller's own, such as a link of the journal that does not fit.
  package mutating func report(
    account: AccountID? = nil, transfer: TransferID? = nil, _ text: String
  ) {
    guard findings.count < Self.findingsLimit else { return }
    findings.append(Finding(accountID: account, transferID: transfer, text: text))
  }

  /// To be called once everything was added.
  package mutating func finish() {
    for id in counters.keys.sorted() { report(account: id, "has transfers but does not exist") }
    for (book, sum) in totals where sum != 0 {
      report("\(book.currency) \(book.environment): balances sum to \(sum) instead of 0")
    }
  }

  private mutating func post(_ amount: Int64, _ debit: AccountID, _ credit: AccountID) {
    counters[debit, default: Counters()].debitsPosted += amount
    counters[credit, default: Counters()].creditsPosted += amount
  }
}
