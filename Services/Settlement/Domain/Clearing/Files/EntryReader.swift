import Model

/// Reads the entries of statements (camt.053) and notifications (camt.054), all versions.
enum EntryReader {
  static func lines(
    _ statements: [XMLElement], checkingTotals: Bool
  ) throws(ReportFault) -> [BankLine] {
    var lines: [BankLine] = []
    for (number, statement) in statements.enumerated() {
      var sum: Int64 = 0
      for (position, element) in statement.all("Ntry").enumerated() {
        let entry = try Entry(element)
        if entry.isBooked {
          let (total, overflow) = sum.addingReportingOverflow(
            entry.isCredit ? entry.amount : -entry.amount)
          guard !overflow else { throw ReportFault(.limit, element) }
          sum = total
        }
        lines += try self.lines(entry, element, "\(number + 1).\(position + 1)")
      }
      if checkingTotals { try checkTotals(statement, sum) }
    }
    return lines
  }

  private struct Entry {
    let amount: Int64
    let currency: Currency
    let isCredit: Bool
    let isReversal: Bool
    let isBooked: Bool
    let statusText: String
    let reference: String

    init(_ element: XMLElement) throws(ReportFault) {
      (amount, currency) = try EntryReader.money(try element.needed("Amt"))
      isCredit = try EntryReader.isCredit(try element.needed("CdtDbtInd"))
      isReversal = ["true", "1"].contains(element.child("RvslInd")?.text ?? "")
      // Up to version 7 the status is text, from 8 on a code of its own.
      let status = element.child("Sts")
      let code = status?.child("Cd")?.text ?? status?.text ?? ""
      isBooked = code == "BOOK"
      statusText = isReversal ? "\(code) reversal" : code
      reference =
        try (element.child("AcctSvcrRef") ?? element.child("NtryRef"))?.line(140) ?? ""
    }
  }

  private static func lines(
    _ entry: Entry, _ element: XMLElement, _ place: String
  ) throws(ReportFault) -> [BankLine] {
    let details = element.all("NtryDtls").flatMap { $0.all("TxDtls") }
    guard details.count > 1 else {
      let reference = try details.first?.at("Refs", "EndToEndId")?.line(35) ?? ""
      return [line(entry, reference, entry.amount, entry.isCredit, "\(place).1", "")]
    }
    var lines: [BankLine] = []
    for (position, detail) in details.enumerated() {
      let amount = detail.child("Amt") ?? detail.at("AmtDtls", "TxAmt", "Amt")
      guard let amount else { throw ReportFault(.fieldMissing, detail, "Amt") }
      let (value, currency) = try money(amount)
      guard currency == entry.currency else { throw ReportFault(.fieldInvalid, amount) }
      let isCredit = try detail.child("CdtDbtInd").map { element throws(ReportFault) in
        try self.isCredit(element)
      }
      let reference = try detail.at("Refs", "EndToEndId")?.line(35) ?? ""
      let own = try detail.at("Refs", "AcctSvcrRef")?.line(140) ?? ""
      lines.append(
        line(
          entry, reference, value, isCredit ?? entry.isCredit, "\(place).\(position + 1)", own))
    }
    return lines
  }

  private static func line(
    _ entry: Entry, _ endToEndID: String, _ amount: Int64, _ isCredit: Bool, _ place: String,
    _ reference: String
  ) -> BankLine {
    BankLine(
      place: place, reference: reference.isEmpty ? entry.reference : reference,
      endToEndID: endToEndID == "NOTPROVIDED" ? "" : endToEndID, amount: amount,
      currency: entry.currency, direction: isCredit ? .payIn : .payOut,
      status: entry.isBooked && !entry.isReversal ? .booked : .notBooked,
      statusText: entry.statusText)
  }

  /// Opening balance and booked entries make the closing balance, where a statement gives both.
  private static func checkTotals(
    _ statement: XMLElement, _ sum: Int64
  ) throws(ReportFault) {
    var opening: Int64?
    var closing: Int64?
    for balance in statement.all("Bal") {
      let (amount, _) = try money(try balance.needed("Amt"))
      let signed = try isCredit(try balance.needed("CdtDbtInd")) ? amount : -amount
      switch balance.at("Tp", "CdOrPrtry", "Cd")?.text {
      case "OPBD", "PRCD": opening = opening ?? signed
      case "CLBD": closing = signed
      default: continue
      }
    }
    guard let opening, let closing else { return }
    let (total, overflow) = opening.addingReportingOverflow(sum)
    guard !overflow, total == closing else { throw ReportFault(.totals, statement) }
  }

  private static func money(_ element: XMLElement) throws(ReportFault) -> (Int64, Currency) {
    guard let currency = Currency(element.attributes["Ccy"] ?? ""),
      let amount = DecimalAmount.minorUnits(element.text, currency)
    else { throw ReportFault(.fieldInvalid, element) }
    return (amount, currency)
  }

  private static func isCredit(_ element: XMLElement) throws(ReportFault) -> Bool {
    switch element.text {
    case "CRDT": true
    case "DBIT": false
    default: throw ReportFault(.fieldInvalid, element)
    }
  }
}
