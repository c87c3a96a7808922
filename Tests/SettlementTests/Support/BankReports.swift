/// Reports as a bank writes them, small but valid by their schemas.
enum BankReports {
  struct Entry {
    var endToEndID: String
    var amount: String
    var currency = "VND"
    var isCredit = true
    var reference: String
    var status = "BOOK"
  }

  /// A camt.053.001.08 whose totals agree, unless another closing balance is given.
  static func statement(_ id: String, _ entries: [Entry], closing: Int? = nil) -> String {
    let sum = entries.reduce(0) { sum, entry in
      guard entry.status == "BOOK", let amount = Int(entry.amount) else { return sum }
      return sum + (entry.isCredit ? amount : -amount)
    }
    let end = closing ?? 1_000_000 + sum
    return document("camt.053.001.08", "BkToCstmrStmt") {
      """
      <GrpHdr><MsgId>\(id)</MsgId><CreDtTm>2026-11-24T02:00:00Z</CreDtTm></GrpHdr>
      <Stmt><Id>\(id)-1</Id><Acct><Id><Othr><Id>001100400001</Id></Othr></Id></Acct>
      \(balance("OPBD", 1_000_000))\(balance("CLBD", end))
      \(entries.map(self.entry).joined(separator: "\n"))
      </Stmt>
      """
    }
  }

  static func notification(_ id: String, _ entries: [Entry]) -> String {
    document("camt.054.001.08", "BkToCstmrDbtCdtNtfctn") {
      """
      <GrpHdr><MsgId>\(id)</MsgId><CreDtTm>2026-11-24T02:00:00Z</CreDtTm></GrpHdr>
      <Ntfctn><Id>\(id)-1</Id><Acct><Id><Othr><Id>001100400001</Id></Othr></Id></Acct>
      \(entries.map(self.entry).joined(separator: "\n"))
      </Ntfctn>
      """
    }
  }

  /// A pain.002.001.12 that rejects one payment, or says something else of it, or the whole file when no payment is
  /// named.
  static func rejection(
    _ id: String, of message: String, _ endToEndID: String?, _ status: String = "RJCT"
  ) -> String {
    document("pain.002.001.12", "CstmrPmtStsRpt") {
      let reason = "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>closed</AddtlInf></StsRsnInf>"
      let header = "<GrpHdr><MsgId>\(id)</MsgId><CreDtTm>2026-11-24T02:00:00Z</CreDtTm></GrpHdr>"
      let name = "<OrgnlMsgId>\(message)</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>"
      guard let endToEndID else {
        return header
          + "<OrgnlGrpInfAndSts>\(name)<GrpSts>\(status)</GrpSts>\(reason)</OrgnlGrpInfAndSts>"
      }
      return header + "<OrgnlGrpInfAndSts>\(name)</OrgnlGrpInfAndSts>"
        + "<OrgnlPmtInfAndSts><OrgnlPmtInfId>\(message)</OrgnlPmtInfId><TxInfAndSts>"
        + "<OrgnlEndToEndId>\(endToEndID)</OrgnlEndToEndId><TxSts>\(status)</TxSts>\(reason)"
        + "</TxInfAndSts></OrgnlPmtInfAndSts>"
    }
  }

  private static func document(_ kind: String, _ root: String, _ body: () -> String) -> String {
    """
    <?xml version="1.0" encoding="UTF-8"?>
    <Document xmlns="urn:iso:std:iso:20022:tech:xsd:\(kind)"><\(root)>
    \(body())
    </\(root)></Document>
    """
  }

  private static func balance(_ code: String, _ amount: Int) -> String {
    """
    <Bal><Tp><CdOrPrtry><Cd>\(code)</Cd></CdOrPrtry></Tp><Amt Ccy="VND">\(abs(amount))</Amt>
    <CdtDbtInd>\(amount < 0 ? "DBIT" : "CRDT")</CdtDbtInd><Dt><Dt>2026-11-24</Dt></Dt></Bal>
    """
  }

  private static func entry(_ entry: Entry) -> String {
    """
    <Ntry><NtryRef>\(entry.reference)</NtryRef><Amt Ccy="\(entry.currency)">\(entry.amount)</Amt>
    <CdtDbtInd>\(entry.isCredit ? "CRDT" : "DBIT")</CdtDbtInd><Sts><Cd>\(entry.status)</Cd></Sts>
    <AcctSvcrRef>\(entry.reference)</AcctSvcrRef><BkTxCd><Prtry><Cd>TRF</Cd></Prtry></BkTxCd>
    <NtryDtls><TxDtls><Refs><EndToEndId>\(entry.endToEndID)</EndToEndId></Refs></TxDtls></NtryDtls>
    </Ntry>
    """
  }
}
