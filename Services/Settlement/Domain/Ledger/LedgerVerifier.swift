package import Model

/// Recomputes the ledger from the transfers alone and compares it with what is kept of it. Fed all transfers in
/// order, with what became of the holds, then all accounts. Holds the counters of each account, and no transfers.
package struct LedgerVerifier: Sendable {
  /// Most findings kept: enough to see what is wrong, few enough for one answer.
  package static let findingsLimit = 1000

  package struct Finding: Sendable, Hashable {
    /// The row that it is about; the number is 0 where rows have none.
    package var table = ""
    package var row: Int64 = 0
    package var accountID: AccountID?
    package var transferID: TransferID?
    package let text: String
  }

  /// One recorded transfer, as it is in its row and in those around it.
  package struct Item: Sendable {
    package let entry: LedgerEntry
    package let debit: Int64
    package let credit: Int64
    package let debitPrevious: Int64
    package let creditPrevious: Int64
    /// The number and amount of the hold that it captures or releases.
    package let hold: Int64?
    package let holdAmount: Int64?
    /// What became of that hold, and which transfer is said to have done it.
    package let holdState: HoldState?
    package let holdResolver: Int64?
    /// What became of this one, when it is a hold.
    package let ownState: HoldState?

    package init(
      entry: LedgerEntry, debit: Int64, credit: Int64, debitPrevious: Int64, creditPrevious: Int64,
      hold: Int64?, holdAmount: Int64?, holdState: HoldState?, holdResolver: Int64?,
      ownState: HoldState?
    ) {
      self.entry = entry
      self.debit = debit
      self.credit = credit
      self.debitPrevious = debitPrevious
      self.creditPrevious = creditPrevious
      self.hold = hold
      self.holdAmount = holdAmount
      self.holdState = holdState
      self.holdResolver = holdResolver
      self.ownState = ownState
    }
  }

  /// What the transfers say of one account.
  private struct Sums {
    var counters = Counters()
    var last: Int64 = 0
    var count: Int64 = 0
  }

  /// One of every so many transfers of an account.
  package struct Mark: Sendable, Hashable {
    package let account: Int64
    package let transfer: Int64

    package init(account: Int64, transfer: Int64) {
      self.account = account
      self.transfer = transfer
    }
  }

  private struct Book: Hashable {
    let currency: Currency
    let environment: TypeV1.Environment
  }

  package private(set) var findings: [Finding] = []
  package private(set) var findingsLeftOut: Int64 = 0
  package private(set) var accountsChecked: Int64 = 0
  package private(set) var transfersChecked: Int64 = 0
  /// The marks that the transfers so far ask for.
  package private(set) var marks: Set<Mark> = []
  private let markInterval: Int64
  private var expected: Int64 = 1
  private var sums: [Int64: Sums] = [:]
  private var totals: [Book: Int64] = [:]

  /// - Parameter markInterval: every how many transfers an account has a mark.
  package init(markInterval: Int64) { self.markInterval = markInterval }

  /// Counts a transfer, and finds those that are missing before it.
  package mutating func pass(_ number: Int64) {
    transfersChecked += 1
    if number != expected {
      if number > expected { reportMissing("transfer", expected...(number - 1)) }
      report("transfer", row: number, "stands where \(expected) was expected")
    }
    expected = number &+ 1
  }

  /// Counts a transfer that cannot be read for its accounts: those after it still follow it.
  package mutating func addUnreadable(_ number: Int64, debit: Int64, credit: Int64) {
    report("transfer", row: number, "holds what it cannot hold")
    for account in [debit, credit] { touch(account, number) }
  }

  private mutating func touch(_ account: Int64, _ number: Int64) {
    var sum = sums[account] ?? Sums()
    sum.last = number
    sum.count += 1
    sums[account] = sum
    if sum.count % markInterval == 0 { marks.insert(Mark(account: account, transfer: number)) }
  }

  package mutating func add(_ item: Item) {
    let transfer = item.entry.transfer
    let row = item.entry.sequence
    let before = (sums[item.debit]?.last ?? 0, sums[item.credit]?.last ?? 0)
    if item.debitPrevious != before.0 || item.creditPrevious != before.1 {
      report(
        "transfer", row: row, transfer: transfer.id,
        "does not point at those before it of its accounts")
    }
    for account in [item.debit, item.credit] { touch(account, row) }
    switch transfer.kind {
    case .post: post(transfer.amount, item)
    case .hold:
      guard let state = item.ownState else {
        return report("transfer", row: row, transfer: transfer.id, "is a hold without its row")
      }
      guard state == .pending else { return }
      sums[item.debit]?.counters.debitsPending &+= transfer.amount
      sums[item.credit]?.counters.creditsPending &+= transfer.amount
    case .capture, .release:
      let state: HoldState = transfer.kind == .capture ? .captured : .released
      if item.holdState != state || item.holdResolver != row {
        report(
          "hold", row: item.hold ?? 0, transfer: transfer.holdID, "was resolved by transfer \(row)")
      }
      guard transfer.kind == .capture else { return }
      if transfer.amount > item.holdAmount ?? 0 {
        report("transfer", row: row, transfer: transfer.id, "captures more than its hold")
      }
      post(transfer.amount, item)
    }
  }

  package mutating func add(_ account: Account) {
    accountsChecked += 1
    let computed = sums.removeValue(forKey: account.number) ?? Sums()
    let pairs: [(String, Int64, Int64)] = [
      ("debits_posted", account.counters.debitsPosted, computed.counters.debitsPosted),
      ("debits_pending", account.counters.debitsPending, computed.counters.debitsPending),
      ("credits_posted", account.counters.creditsPosted, computed.counters.creditsPosted),
      ("credits_pending", account.counters.creditsPending, computed.counters.creditsPending),
      ("last_transfer", account.lastTransfer, computed.last),
      ("transfer_count", account.transferCount, computed.count),
    ]
    for (name, cached, sum) in pairs where cached != sum {
      report(
        "balance", row: account.number, account: account.id,
        "\(name) is \(cached) but its transfers give \(sum)")
    }
    let isFree = account.overdraftAllowed && account.netDebitCap == 0
    let floor = account.overdraftAllowed ? 0 &- account.netDebitCap : 0
    let available =
      computed.counters.creditsPosted &- computed.counters.debitsPosted
      &- computed.counters.debitsPending
    if !isFree, available < floor {
      report(
        "account", row: account.number, account: account.id, "is at \(available), below \(floor)")
    }
    totals[Book(currency: account.currency, environment: account.environment), default: 0] &+=
      account.counters.creditsPosted &- account.counters.debitsPosted
  }

  /// A finding of the caller's own, such as a link of the journal that does not fit.
  package mutating func report(
    _ table: String, row: Int64 = 0, account: AccountID? = nil, transfer: TransferID? = nil,
    _ text: String
  ) {
    guard findings.count < Self.findingsLimit else {
      findingsLeftOut += 1
      return
    }
    findings.append(
      Finding(table: table, row: row, accountID: account, transferID: transfer, text: text))
  }

  /// Rows that are not there any more, named by the first of them.
  package mutating func reportMissing(_ table: String, _ rows: ClosedRange<Int64>) {
    let others =
      rows.lowerBound < rows.upperBound
      ? "and those up to \(rows.upperBound) are missing" : "is missing"
    report(table, row: rows.lowerBound, others)
  }

  /// To be called once everything was added.
  package mutating func finish() {
    for number in sums.keys.sorted() {
      report("account", row: number, "has transfers but does not exist")
    }
    for (book, sum) in totals where sum != 0 {
      report("", "\(book.currency) \(book.environment): balances sum to \(sum) instead of 0")
    }
  }

  private mutating func post(_ amount: Int64, _ item: Item) {
    sums[item.debit]?.counters.debitsPosted &+= amount
    sums[item.credit]?.counters.creditsPosted &+= amount
  }
}
