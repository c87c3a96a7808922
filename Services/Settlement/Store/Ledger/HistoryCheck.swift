import GRDB
import Model
import ServiceRuntime
import SettlementDomain

/// Makes the history of each account's balance again from its transfers, and compares it row by row.
struct HistoryCheck {
  private let db: Database

  /// How far the history of one account has come.
  fileprivate struct Progress {
    let account: Int64
    let lastTransfer: Int64
    /// What the row before left: what it says and, where that is wrong, what it should say.
    var bases = [Counters()]
    var transfer: Int64 = 0
  }

  init(_ db: Database) { self.db = db }

  func run(_ verifier: inout LedgerVerifier) throws {
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT h.*, a.number AS account, coalesce(b.last_transfer, 0) AS last_transfer, a.history,
          t.kind, t.amount, t.debit, t.credit, t.debit_previous, t.credit_previous, t.create_time AS transfer_time,
          w.state AS hold_state, w.expire_time, o.amount AS held
        FROM balance_history h LEFT JOIN account a ON a.id = h.account_id
          LEFT JOIN balance b ON b.account = a.number
          LEFT JOIN transfer t ON t.number = h.transfer
          LEFT JOIN hold w ON w.transfer = h.transfer LEFT JOIN transfer o ON o.number = t.hold
        ORDER BY h.account_id, h.number
        """)
    var progress: Progress?
    while let row = try rows.next() {
      let (number, account): (Int64, Int64?) = (row["number"], row["account"])
      guard let account, (row["history"] as Bool?) == true else {
        verifier.report("balance_history", row: number, "is of no account with a history")
        continue
      }
      if account != progress?.account {
        finish(progress, &verifier)
        progress = Progress(account: account, lastTransfer: row["last_transfer"])
      }
      if let fault = progress?.add(row) { verifier.report("balance_history", row: number, fault) }
    }
    finish(progress, &verifier)
    let silent = try Int64.fetchCursor(
      db,
      sql: """
        SELECT number FROM account JOIN balance ON balance.account = number
        WHERE history = 1 AND transfer_count > 0
          AND id NOT IN (SELECT account_id FROM balance_history)
        """)
    while let account = try silent.next() {
      verifier.report("account", row: account, "has no history of its balance")
    }
  }

  private func finish(_ progress: Progress?, _ verifier: inout LedgerVerifier) {
    guard let progress, progress.transfer != progress.lastTransfer else { return }
    verifier.report("account", row: progress.account, "has no history of its last transfers")
  }
}

extension HistoryCheck.Progress {
  /// What is wrong with the next row of the account; nil when nothing is.
  mutating func add(_ row: Row) -> String? {
    let stored = Counters(
      debitsPosted: row["debits_posted"], debitsPending: row["debits_pending"],
      creditsPosted: row["credits_posted"], creditsPending: row["credits_pending"])
    guard let kind: Int64 = row["kind"], let amount: Int64 = row["amount"],
      let debit: Int64 = row["debit"], let credit: Int64 = row["credit"],
      let number: Int64 = row["transfer"]
    else { return "is of no transfer" }
    guard debit == account || credit == account else { return "is of another account's transfer" }
    let isExpiry = number <= transfer
    let (posted, pending): (Int64, Int64) =
      switch TransferKind(rawValue: Int32(truncatingIfNeeded: kind)) {
      case _ where isExpiry: (0, 0 &- amount)
      case .hold: (0, amount)
      case .capture, .release: (amount, 0 &- (row["held"] ?? 0))
      case .post, nil: (amount, 0)
      }
    let expected = bases.map { base in
      var counters = base
      if debit == account {
        counters.debitsPosted &+= posted
        counters.debitsPending &+= pending
      } else {
        counters.creditsPosted &+= posted
        counters.creditsPending &+= pending
      }
      return counters
    }
    let fits = expected.contains(stored)
    bases = fits ? [stored] : [expected[0], stored]
    if isExpiry {
      guard (row["hold_state"] as Int64?) == 4 else {
        return "is of a transfer that was counted before"
      }
    } else {
      let previous: Int64 = row[debit == account ? "debit_previous" : "credit_previous"]
      defer { transfer = number }
      guard previous == transfer else { return "leaves out transfers before it" }
    }
    let time: Int64? = row[isExpiry ? "expire_time" : "transfer_time"]
    guard fits, row["create_time"] as Int64 == time else { return "is not what the transfers give" }
    return nil
  }
}
