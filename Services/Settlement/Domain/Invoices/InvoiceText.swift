package import Model

extension Invoice {
  /// Lines of plain text for print: who, what, how much, and which law the tax follows.
  ///
  /// - Parameter source: the legal source of the tax rule; empty when none applied.
  package func text(_ language: Language, taxedBy source: String) -> String {
    let words = InvoiceWords(language)
    func name(_ text: TypeV1.LocalizedText?) -> String {
      guard let text else { return "" }
      return language == .en && !text.en.isEmpty ? text.en : text.vi
    }
    func party(_ heading: String, _ party: SettlementV1.InvoiceParty) -> [String] {
      [
        heading, "  \(words.name): \(name(party.name))",
        "  \(words.legalID): \(party.legalID)", "  \(words.country): \(party.jurisdiction)",
        "  \(words.participant): \(party.participantID)",
      ]
    }
    var head = [kind == .creditNote ? words.creditNote : words.invoice]
    if series.environment != .live { head.append(words.sandbox) }
    head += ["\(words.number): \(number)", "\(words.issued): \(issueTime)"]
    if let corrects { head.append("\(words.corrects): \(corrects.number)") }
    head += [
      "\(words.order): \(orderID)",
      "\(words.transfer): \(transferIDs.map(\.description).joined(separator: ", "))", "",
    ]
    head += party(words.seller, parties.seller) + [""] + party(words.buyer, parties.buyer) + [""]
    let items = lines.enumerated().flatMap { index, line in
      [
        "\(index + 1). \(name(line.title))",
        "   \(line.quantity) \(words.unit(line.unit)) × \(price(line)) \(net.currency.code)",
      ]
        + (line.periodStart.map { start in
          ["   \(words.period): \(start) – \(line.periodEnd?.description ?? "")"]
        } ?? [])
    }
    let rate = tax.rateBasisPoints.quotientAndRemainder(dividingBy: 100)
    let fraction = rate.remainder == 0 ? "" : ".\(rate.remainder < 10 ? "0" : "")\(rate.remainder)"
    var sums = [
      "", "\(words.net): \(net)",
      "\(words.tax) \(rate.quotient)\(fraction) %: \(tax.amount)", "\(words.total): \(total)",
    ]
    if let version = tax.ruleVersion {
      sums.append("\(words.rule) \(version): \(source)")
    } else {
      sums.append(words.noRule)
    }
    return (head + items + sums).joined(separator: "\n") + "\n"
  }

  /// Exact, in major units: minor units and, after them, as many of their six decimals as are not zero.
  private func price(_ line: SettlementV1.InvoiceLine) -> String {
    let whole = DecimalAmount.text(line.unitPriceMinorUnits, net.currency)
    guard line.unitPriceMicros > 0 else { return whole }
    let digits = String(line.unitPriceMicros)
    let micros = String(repeating: "0", count: 6 - digits.count) + digits
    let kept = String(micros.reversed().drop { $0 == "0" }.reversed())
    return whole + (net.currency.exponent == 0 ? "." : "") + kept
  }
}

/// The words of an invoice.
private struct InvoiceWords {
  let invoice, creditNote, sandbox, number, issued, corrects, order, transfer, seller, buyer: String
  let name, legalID, country, participant, period, net, tax, total, rule, noRule: String
  private let units: [SettlementV1.InvoiceUnit: String]

  init(_ language: Language) {
    func text(_ vi: String, _ en: String) -> String { language == .vi ? vi : en }
    invoice = text("HÓA ĐƠN", "INVOICE")
    creditNote = text("PHIẾU GHI GIẢM HÓA ĐƠN", "CREDIT NOTE")
    sandbox = text(
      "MÔI TRƯỜNG THỬ NGHIỆM: không có giá trị thanh toán", "SANDBOX: not about real money")
    number = text("Số", "Number")
    issued = text("Thời điểm lập", "Issued")
    corrects = text("Giảm cho hóa đơn", "Corrects invoice")
    order = text("Đơn hàng", "Order")
    transfer = text("Giao dịch", "Transfer")
    seller = text("Bên bán", "Seller")
    buyer = text("Bên mua", "Buyer")
    name = text("Tên", "Name")
    legalID = text("Mã số thuế hoặc mã pháp lý", "Tax code or legal number")
    country = text("Quốc gia", "Country")
    participant = text("Mã thành viên", "Participant")
    period = text("Kỳ", "Period")
    net = text("Tiền chưa có thuế GTGT", "Amount before VAT")
    tax = text("Thuế GTGT", "VAT")
    total = text("Tổng cộng", "Total")
    rule = text("Quy tắc thuế, phiên bản", "Tax rule, version")
    noRule = text("Không có quy tắc thuế nào áp dụng", "No tax rule applied")
    units = [
      .product: text("sản phẩm", "product"), .period: text("kỳ", "period"),
      .call: text("lượt gọi", "calls"), .mebibyte: "MiB", .row: text("dòng", "rows"),
    ]
  }

  func unit(_ unit: SettlementV1.InvoiceUnit) -> String { units[unit] ?? "" }
}
