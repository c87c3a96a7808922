/// Reads the statuses of a pain.002, all versions: of single payments, or of a whole file that was rejected.
enum StatusReportReader {
  static func lines(_ body: XMLElement) throws(ReportFault) -> [BankLine] {
    let group = try body.needed("OrgnlGrpInfAndSts")
    let original = try group.needed("OrgnlMsgId").line(35)
    var lines: [BankLine] = []
    for (number, information) in body.all("OrgnlPmtInfAndSts").enumerated() {
      let payments = information.all("TxInfAndSts")
      for (position, payment) in payments.enumerated() {
        lines.append(
          try line(payment, "TxSts", original, "\(number + 1).\(position + 1)"))
      }
      if payments.isEmpty, information.child("PmtInfSts") != nil {
        lines.append(try line(information, "PmtInfSts", original, "\(number + 1).0"))
      }
    }
    if lines.isEmpty { lines.append(try line(group, "GrpSts", original, "0.0")) }
    return lines
  }

  private static func line(
    _ element: XMLElement, _ statusName: String, _ original: String, _ place: String
  ) throws(ReportFault) -> BankLine {
    let code = try element.child(statusName)?.line(35) ?? ""
    var words = [code]
    for information in element.all("StsRsnInf").prefix(4) {
      let reason = information.child("Rsn")
      if let code = reason?.child("Cd") { words.append(try code.line(35)) }
      if let own = reason?.child("Prtry") { words.append(try own.line(35)) }
      for more in information.all("AddtlInf").prefix(2) { words.append(try more.line(105)) }
    }
    let status: BankLine.Status =
      switch code {
      case "RJCT": .rejected
      case "RCVD", "PDNG", "ACTC", "ACCP", "ACSP", "ACSC", "ACCC", "ACWC", "ACWP", "PART": .underWay
      default: .unknown
      }
    return BankLine(
      place: place, reference: try element.child("AcctSvcrRef")?.line(140) ?? "",
      endToEndID: try element.child("OrgnlEndToEndId")?.line(35) ?? "",
      originalMessageID: original, status: status,
      statusText: String(words.filter { !$0.isEmpty }.joined(separator: " ").prefix(500)))
  }
}
