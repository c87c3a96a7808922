package import Model

/// What moved on one account between two moments, and its balance before and after.
package struct AccountStatement: Sendable {
  /// Most transfers of one statement.
  package static let limit = 20_000

  package let account: Account
  /// What it is for: a window, or a range of time.
  package let window: WindowID?
  package let start: Timestamp?
  package let end: Timestamp?
  package let openingBalance: Int64
  /// What was posted, oldest first.
  package let entries: [LedgerEntry]

  package init(
    account: Account, window: WindowID?, start: Timestamp?, end: Timestamp?,
    openingBalance: Int64, entries: [LedgerEntry]
  ) {
    self.account = account
    self.window = window
    self.start = start
    self.end = end
    self.openingBalance = openingBalance
    self.entries = entries
  }

  package var closingBalance: Int64 {
    entries.reduce(openingBalance) { $0 + Self.effect($1, on: account.id) }
  }

  /// What a transfer adds to the balance of an account: nothing unless it posts.
  package static func effect(_ entry: LedgerEntry, on account: AccountID) -> Int64 {
    let transfer = entry.transfer
    guard transfer.kind == .post || transfer.kind == .capture else { return 0 }
    if transfer.debitAccountID == account { return -transfer.amount }
    return transfer.creditAccountID == account ? transfer.amount : 0
  }

  /// Rows of the statement: time, transfer, other account, debit, credit, balance, order, window.
  private func rows(_ language: Language) -> [[String]] {
    let texts = StatementTexts(language)
    var balance = openingBalance
    var rows = [["", texts.opening, "", "", "", amount(balance), "", ""]]
    for entry in entries {
      let effect = Self.effect(entry, on: account.id)
      balance += effect
      let transfer = entry.transfer
      let other =
        transfer.debitAccountID == account.id
        ? transfer.creditAccountID : transfer.debitAccountID
      rows.append([
        entry.createTime.description, transfer.id.description, other?.description ?? "",
        effect < 0 ? amount(-effect) : "", effect > 0 ? amount(effect) : "", amount(balance),
        transfer.orderID?.description ?? "", transfer.windowID?.description ?? "",
      ])
    }
    return rows + [["", texts.closing, "", "", "", amount(balance), "", ""]]
  }

  /// RFC 4180: lines end in CRLF, fields with a comma, quote or line break are quoted.
  package func csv(_ language: Language) -> String {
    ([StatementTexts(language).headings] + rows(language)).map { row in
      row.map(Self.field).joined(separator: ",") + "\r\n"
    }.joined()
  }

  /// Lines of plain text in columns: names left, amounts right.
  package func text(_ language: Language) -> String {
    let texts = StatementTexts(language)
    let rows = [texts.headings] + rows(language)
    let widths = texts.headings.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let lines = rows.map { row in
      let cells = row.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - row[column].count)
        return (3...5).contains(column) ? padding + row[column] : row[column] + padding
      }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
    var head = [
      texts.title, "\(texts.account): \(account.id)",
      "\(texts.currency): \(account.currency.code)",
      "\(texts.environment): \(account.environment == .live ? "LIVE" : "SANDBOX")",
    ]
    if let window { head.append("\(texts.window): \(window)") }
    if let start { head.append("\(texts.from): \(start)") }
    if let end { head.append("\(texts.until): \(end)") }
    return (head + [""] + lines).joined(separator: "\n") + "\n"
  }

  private func amount(_ minorUnits: Int64) -> String {
    DecimalAmount.text(minorUnits, account.currency)
  }

  private static func field(_ value: String) -> String {
    guard value.utf8.contains(where: { [0x22, 0x2C, 0x0D, 0x0A].contains($0) }) else {
      return value
    }
    return "\""
      + value.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"") + "\""
  }
}

/// The words of a statement.
private struct StatementTexts {
  let title, account, currency, environment, window, from, until, opening, closing: String
  let headings: [String]

  init(_ language: Language) {
    func text(_ vi: String, _ en: String) -> String { language == .vi ? vi : en }
    title = text("SAO KÊ TÀI KHOẢN", "STATEMENT OF ACCOUNT")
    account = text("Tài khoản", "Account")
    currency = text("Loại tiền", "Currency")
    environment = text("Môi trường", "Environment")
    window = text("Phiên bù trừ", "Clearing window")
    from = text("Từ", "From")
    until = text("Đến trước", "Before")
    opening = text("Số dư đầu kỳ", "Opening balance")
    closing = text("Số dư cuối kỳ", "Closing balance")
    headings = [
      text("Thời gian", "Time"), text("Giao dịch", "Transfer"),
      text("Tài khoản đối ứng", "Other account"), text("Ghi nợ", "Debit"),
      text("Ghi có", "Credit"), text("Số dư", "Balance"), text("Đơn hàng", "Order"), window,
    ]
  }
}
