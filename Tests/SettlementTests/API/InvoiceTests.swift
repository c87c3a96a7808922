import GRDB
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore
import Stubs
import TestSupport
import Testing

@testable import SettlementAPI

/// Trades at 2,000,000 with a tax of 10 %, and what is issued about their money.
struct InvoiceTests {
  private static let day: Int64 = 86_400

  private func market(_ environment: TypeV1.Environment = .live) async throws -> TestMarket {
    let market = try await TestMarket(
      environment: environment, taxRate: 1_000, certificateSeconds: 370 * Self.day)
    market.directory.set(facts(market, environment))
    return market
  }

  private func facts(
    _ market: TestMarket, _ environment: TypeV1.Environment = .live
  ) -> TradeFacts {
    var facts = market.facts(environment: environment)
    facts.provider.name = TypeV1.LocalizedText(vi: "Cục Bản đồ", en: "Map Office")
    facts.provider.legalID = "0100000001"
    facts.consumer.name = TypeV1.LocalizedText(vi: "Công ty Đường sắt")
    facts.consumer.legalID = "0100000002"
    return facts
  }

  private func list(
    _ market: TestMarket, as caller: TestCaller? = nil,
    _ kind: SettlementV1.InvoiceKind = .unspecified
  ) async throws -> [SettlementV1.Invoice] {
    let channel = try market.service.channel(as: caller ?? market.consumer)
    var found: [SettlementV1.Invoice] = []
    var token = ""
    repeat {
      let page = try await InvoiceServiceClient(channel).listInvoices(
        SettlementV1.ListInvoicesRequest(pageSize: 7, pageToken: token, kind: kind))
      found += page.invoices
      token = page.nextPageToken
    } while !token.isEmpty
    await channel.close()
    return found
  }

  private func printed(
    _ invoice: SettlementV1.Invoice, _ language: String, _ market: TestMarket
  ) async throws -> String {
    let channel = try market.service.channel(as: market.provider)
    let answer = try await InvoiceServiceClient(channel).printInvoice(
      SettlementV1.PrintInvoiceRequest(invoiceID: invoice.id),
      CallOptions(metadata: Metadata([("accept-language", language)])))
    await channel.close()
    return String(decoding: answer.content, as: UTF8.self)
  }

  /// What the ledger says was taken from the consumer's account for orders, less what went back to it.
  private func taken(_ market: TestMarket, from account: AccountID) async throws -> Int64 {
    try await market.service.database.read { db in
      try Int64.fetchOne(
        db,
        sql: """
          SELECT coalesce(sum(CASE WHEN debit = own.number THEN amount ELSE -amount END), 0)
          FROM transfer, (SELECT number FROM account WHERE id = ?) AS own
          WHERE order_id IS NOT NULL AND kind IN (1, 3) AND own.number IN (debit, credit)
          """, arguments: [account]) ?? 0
    }
  }

  private func invoiced(_ invoices: [SettlementV1.Invoice]) -> Int64 {
    invoices.reduce(0) {
      $0 + ($1.kind == .creditNote ? -$1.total.minorUnits : $1.total.minorUnits)
    }
  }

  @Test func paymentIsInvoicedWithWhatTheExchangeKnowsOfBothSides() async throws {
    let market = try await market()
    let order = try await market.fund(
      try await market.place(), from: try await market.deposit(2_200_000))
    let invoice = try #require(try await list(market).first)
    #expect(invoice.kind == .invoice && invoice.orderID == order.id && invoice.serial == 1)
    #expect(invoice.number == "\(InvoiceSeries.year(at: market.time.now))/INV/00000001")
    #expect(invoice.seller.legalID == "0100000001" && invoice.seller.name?.en == "Map Office")
    #expect(invoice.buyer.participantID == market.consumer.participantID)
    #expect(invoice.net.minorUnits == 2_000_000 && invoice.tax.amount.minorUnits == 200_000)
    #expect(invoice.total.minorUnits == 2_200_000 && invoice.tax == order.tax)
    #expect(invoice.lines.count == 1 && invoice.lines[0].unit == .product)
    #expect(invoice.lines[0].quantity == 1 && invoice.lines[0].unitPriceMinorUnits == 2_000_000)
    let stored = try await market.service.database.read { try OrderTable($0).find(order.id) }
    #expect(invoice.transferIDs == [stored?.funding?.transferID])
    #expect(try await list(market, as: market.provider) == [invoice])
    let stranger = try market.authority.caller([.consumer])
    #expect(try await list(market, as: stranger).isEmpty)
    let channel = try market.service.channel(as: stranger)
    await expectRefusal("INVOICE_NOT_FOUND", .notFound) {
      try await InvoiceServiceClient(channel).getInvoice(
        SettlementV1.GetInvoiceRequest(invoiceID: invoice.id))
    }
    await channel.close()
    let auditor = try market.authority.caller([.auditor])
    #expect(try await list(market, as: auditor) == [invoice])
    // Names that change afterwards change no invoice.
    market.directory.set(market.facts())
    _ = try await market.grant(order)
    #expect(try await list(market) == [invoice])
    await market.shutdown()
  }

  @Test func refundIsCreditedAgainstItsInvoice() async throws {
    let market = try await market()
    let account = try await market.deposit(2_200_000)
    let order = try await market.delivering(from: account)
    _ = try await market.deliveries.cancelOrder(
      SettlementV1.CancelOrderRequest(
        requestID: market.requestID(), orderID: order.id, reason: "no data"))
    let issued = try await list(market)
    #expect(issued.map(\.kind) == [.invoice, .creditNote])
    let note = try #require(issued.last)
    #expect(note.correctsID == issued[0].id && note.correctsNumber == issued[0].number)
    #expect(note.serial == 1 && note.number.contains("/CN/"))
    #expect(note.net == issued[0].net && note.tax == issued[0].tax)
    #expect(note.lines == issued[0].lines && note.seller == issued[0].seller)
    #expect(try await list(market, .creditNote) == [note])
    let text = try await printed(note, "en", market)
    #expect(
      text.hasPrefix("CREDIT NOTE\n") && text.contains("Corrects invoice: \(issued[0].number)"))
    await market.shutdown()
  }

  @Test func overdueDeliveryIsCreditedToo() async throws {
    let market = try await market()
    let account = try await market.deposit(2_200_000)
    let order = try await market.delivering(from: account)
    market.time.advance(seconds: 200)
    #expect(try await market.get(order).state == .refunded)
    let issued = try await list(market)
    #expect(issued.map(\.kind) == [.invoice, .creditNote] && invoiced(issued) == 0)
    await market.shutdown()
  }

  @Test func usageIsInvoicedWhenItIsChargedALineForEachTier() async throws {
    let market = try await market()
    var facts = facts(market)
    facts.offer.terms.price.model = .usage
    facts.offer.terms.price.period = CatalogV1.BillingPeriod(unit: .day, count: 1)
    facts.offer.terms.price.usageUnit = .call
    facts.offer.terms.price.tiers = [
      CatalogV1.UsageTier(upTo: 100, unitPriceMicros: 0),
      CatalogV1.UsageTier(upTo: 0, unitPriceMicros: 1_500_000),
    ]
    market.directory.set(facts)
    let account = try await market.deposit(4_400_000)
    let start = market.time.now
    let order = try await market.fund(try await market.place(), from: account)
    let unused = try await market.fund(try await market.place(), from: account)
    #expect(try await list(market).isEmpty)
    let channel = try market.service.channel(as: market.provider)
    _ = try await UsageServiceClient(channel).reportUsage(
      SettlementV1.ReportUsageRequest(
        requestID: market.requestID(),
        records: [SettlementV1.UsageRecord(sequence: 1, orderID: order.id, calls: 1_100)]))
    await channel.close()
    market.time.advance(seconds: 2 * Self.day)
    #expect(try await market.get(order).state == .settled)
    #expect(try await market.get(unused).state == .settled)
    let invoice = try #require(try await list(market).first)
    #expect(try await list(market).count == 1)
    #expect(invoice.lines.map(\.quantity) == [100, 1_000])
    #expect(invoice.lines.map(\.unitPriceMinorUnits) == [0, 1])
    #expect(invoice.lines.map(\.unitPriceMicros) == [0, 500_000])
    #expect(invoice.lines[0].periodStart == start && invoice.lines[0].unit == .call)
    #expect(invoice.lines[0].periodEnd == start.adding(seconds: Self.day))
    #expect(invoice.net.minorUnits == 1_500 && invoice.tax.amount.minorUnits == 150)
    #expect(try await taken(market, from: account) == 1_650)
    let text = try await printed(invoice, "en", market)
    #expect(text.contains("1000 calls × 1.5 VND"))
    _ = try await market.deliveries.refundOrder(
      SettlementV1.RefundOrderRequest(
        requestID: market.requestID(), orderID: order.id, reason: "wrong"))
    let note = try #require(try await list(market).last)
    #expect(note.kind == .creditNote && note.correctsID == invoice.id)
    #expect(note.total == invoice.total && note.tax == invoice.tax && note.transferIDs.count == 4)
    #expect(try await taken(market, from: account) == 0)
    await market.shutdown()
  }

  @Test func eachPeriodOfASubscriptionIsInvoiced() async throws {
    let market = try await market()
    var facts = facts(market)
    facts.offer.terms.price.model = .subscription
    facts.offer.terms.price.period = CatalogV1.BillingPeriod(unit: .day, count: 30)
    facts.offer.terms.price.renews = true
    market.directory.set(facts)
    let account = try await market.deposit(10_000_000)
    let order = try await market.accept(try await market.delivered(from: account))
    facts.consumer.name = TypeV1.LocalizedText(vi: "Tên mới")
    market.directory.set(facts)
    market.time.advance(seconds: 30 * Self.day)
    let keepers = market.service.parts.services.compactMap { $0 as? Timekeeper }
    _ = try await keepers[0].renewals.renewDue()
    let issued = try await list(market)
    #expect(issued.map(\.serial) == [1, 2] && issued.map(\.lines[0].unit) == [.period, .period])
    #expect(issued[0].lines[0].periodEnd == issued[1].lines[0].periodStart)
    #expect(issued[1].buyer.name?.vi == "Tên mới" && issued[0].buyer.name?.vi != "Tên mới")
    #expect(issued.allSatisfy { $0.orderID == order.id })
    #expect(invoiced(issued) == 4_400_000)
    #expect(try await taken(market, from: account) == 4_400_000)
    await market.shutdown()
  }

  @Test func serialsHaveNoGapsWhateverIsRefusedAndWhoeverPaysAtOnce() async throws {
    let market = try await market()
    let account = try await market.deposit(12 * 2_200_000)
    var orders: [SettlementV1.Order] = []
    for _ in 0..<20 { orders.append(try await market.place()) }
    await withTaskGroup(of: Void.self) { group in
      for order in orders {
        group.addTask { _ = try? await market.fund(order, from: account) }
      }
    }
    let issued = try await list(market)
    #expect(issued.map(\.serial) == Array(1...12))
    #expect(Set(issued.map(\.orderID)).count == 12)
    #expect(try await taken(market, from: account) == 12 * 2_200_000)
    await market.shutdown()
  }

  @Test func yearsBeginAtMidnightInVietNamAndCountFromOne() async throws {
    let market = try await market()
    let account = try await market.deposit(6_600_000)
    _ = try await market.fund(try await market.place(), from: account)
    let year = InvoiceSeries.year(at: market.time.now)
    let midnight = try #require(Timestamp("\(year)-12-31T17:00:00Z"))
    let seconds = (midnight.microseconds - market.time.now.microseconds) / 1_000_000
    market.time.advance(seconds: seconds - 1)
    _ = try await market.fund(try await market.place(), from: account)
    // The clock has fractions of a second.
    market.time.advance(seconds: 2)
    _ = try await market.fund(try await market.place(), from: account)
    let issued = try await list(market)
    #expect(issued.map(\.serial) == [1, 2, 1])
    #expect(issued.map(\.year) == [year, year, year + 1])
    await market.shutdown()
  }

  @Test func sandboxHasItsOwnSeriesAndSaysSo() async throws {
    let market = try await market(.sandbox)
    _ = try await market.fund(
      try await market.place(), from: try await market.deposit(2_200_000, environment: .sandbox))
    let invoice = try #require(try await list(market).first)
    #expect(invoice.environment == .sandbox && invoice.number.hasPrefix("SANDBOX/"))
    #expect(try await printed(invoice, "vi", market).contains("MÔI TRƯỜNG THỬ NGHIỆM"))
    await market.shutdown()
  }

  @Test func printIsInBothLanguages() async throws {
    let market = try await market()
    _ = try await market.fund(
      try await market.place(), from: try await market.deposit(2_200_000))
    let invoice = try #require(try await list(market).first)
    let vietnamese = try await printed(invoice, "vi", market)
    for line in [
      "HÓA ĐƠN", "Số: \(invoice.number)", "  Tên: Cục Bản đồ",
      "  Mã số thuế hoặc mã pháp lý: 0100000001", "1. Đơn vị hành chính",
      "   1 sản phẩm × 2000000 VND", "Tiền chưa có thuế GTGT: 2000000 VND",
      "Thuế GTGT 10 %: 200000 VND", "Tổng cộng: 2200000 VND",
    ] {
      #expect(vietnamese.split(separator: "\n").contains { $0 == line }, "\(line)")
    }
    let english = try await printed(invoice, "en", market)
    #expect(english.contains("  Name: Map Office\n") && english.contains("VAT 10 %: 200000 VND\n"))
    #expect(english.contains("Tax rule, version \(invoice.tax.ruleVersion): test\n"))
    await market.shutdown()
  }

  /// Orders end in every way there is; what was invoiced less what was credited is what was taken less
  /// what went back.
  @Test(arguments: [UInt64(1), 2])
  func documentsAddUpToTheMoney(seed: UInt64) async throws {
    let market = try await market()
    let account = try await market.deposit(100_000_000)
    let arbiter = try market.service.channel(as: market.authority.caller([.arbiter]))
    var random = SplitMix64(seed: seed)
    for _ in 0..<24 {
      let order = try await market.fund(try await market.place(), from: account)
      switch Int.random(in: 0..<7, using: &random) {
      case 0: break
      case 1:
        _ = try await market.deliveries.cancelOrder(
          SettlementV1.CancelOrderRequest(
            requestID: market.requestID(), orderID: order.id, reason: "no"))
      case 2:
        _ = try await market.deliveries.terminateAgreement(
          SettlementV1.TerminateAgreementRequest(
            requestID: market.requestID(), orderID: order.id, reason: "no"))
      case 3: _ = try await market.accept(try await delivered(order, market))
      case 4:
        _ = try await market.accept(try await delivered(order, market))
        for _ in 0..<2 {
          _ = try await market.deliveries.refundOrder(
            SettlementV1.RefundOrderRequest(
              requestID: market.requestID(), orderID: order.id,
              amountMinorUnits: Int64.random(in: 1...1_100_000, using: &random), reason: "part"))
        }
      default:
        let refund = Int64.random(in: 1..<2_200_000, using: &random)
        try await dispute(try await delivered(order, market), refunding: refund, arbiter, market)
      }
    }
    market.time.advance(seconds: 1_000)
    _ = try await market.orders.listOrders(SettlementV1.ListOrdersRequest())
    let issued = try await list(market)
    #expect(issued.contains { $0.kind == .creditNote }, "seed \(seed)")
    #expect(invoiced(issued) == (try await taken(market, from: account)), "seed \(seed)")
    for kind in [SettlementV1.InvoiceKind.invoice, .creditNote] {
      let serials = issued.filter { $0.kind == kind }.map(\.serial)
      #expect(serials == Array(1...Int64(serials.count)), "seed \(seed)")
    }
    let tax = issued.reduce(0) {
      $0 + ($1.kind == .creditNote ? -$1.tax.amount.minorUnits : $1.tax.amount.minorUnits)
    }
    let paid = try await market.service.database.read { db in
      let taxes = try OrderTable(db).list(.init(party: nil, state: nil), after: 0, limit: 100)
        .flatMap(\.order.payouts).filter { $0.beneficiary == .taxOffice }
      return taxes.reduce(0) { $0 + $1.rest }
    }
    #expect(tax == paid, "seed \(seed)")
    #expect(try await market.findings().isEmpty)
    await arbiter.close()
    await market.shutdown()
  }

  private func delivered(
    _ order: SettlementV1.Order, _ market: TestMarket
  ) async throws -> SettlementV1.Order {
    let granted = try await market.grant(order).order
    return try await market.confirm(granted, try market.receipt(try market.statement(of: granted)))
  }

  private func dispute(
    _ order: SettlementV1.Order, refunding refund: Int64, _ arbiter: RPCChannel,
    _ market: TestMarket
  ) async throws {
    _ = try await market.orders.raiseDispute(
      SettlementV1.RaiseDisputeRequest(
        requestID: market.requestID(), orderID: order.id, reason: .incomplete, text: "half"))
    for client in [market.deliveries, market.orders] {
      _ = try await client.respondDispute(
        SettlementV1.RespondDisputeRequest(
          requestID: market.requestID(), orderID: order.id, text: "so"))
    }
    _ = try await OrderServiceClient(arbiter).resolveDispute(
      SettlementV1.ResolveDisputeRequest(
        requestID: market.requestID(), orderID: order.id, outcome: .partialRefund,
        refundMinorUnits: refund, explanation: "half"))
  }
}
