import Model
import RPC
import ServiceRuntime
import SettlementDomain
import Stubs
import Testing
import TestSupport

struct TaxTests {
  @Test func taxIsPaidWithThePriceAndGoesToTheTaxOffice() async throws {
    let market = try await TestMarket(taxRate: 1_000)
    let account = try await market.deposit(5_000_000)
    let placed = try await market.place()
    #expect(placed.tax?.ruleVersion == 4 && placed.tax?.rateBasisPoints == 1_000)
    #expect(placed.price?.minorUnits == 2_000_000 && placed.total?.minorUnits == 2_200_000)
    let funded = try await market.fund(placed, from: account)
    let escrow = try await market.exchangeAccount(.escrow).id
    #expect(try await market.balance(escrow) == 2_200_000)
    #expect(try await market.findings().isEmpty)
    let order = try await market.grant(funded).order
    let settled = try await market.accept(
      try await market.confirm(order, try market.receipt(try market.statement(of: order))))
    #expect(settled.payouts.map(\.amount.minorUnits) == [1_600_000, 300_000, 100_000, 200_000])
    #expect(settled.payouts.last?.beneficiary == .taxOffice)
    #expect(try await market.balance(escrow) == 0)
    #expect(try await market.balance(try await market.exchangeAccount(.tax).id) == 500_000)
    #expect(try await market.balance(account) == 2_800_000)
    #expect(try await market.findings().isEmpty)
    await market.shutdown()
  }

  @Test func taxComesBackWithARefund() async throws {
    let market = try await TestMarket(taxRate: 1_000)
    let account = try await market.deposit(2_200_000)
    let order = try await market.delivering(from: account)
    #expect(try await market.balance(account) == 0)
    _ = try await market.deliveries.cancelOrder(
      SettlementV1.CancelOrderRequest(
        requestID: market.requestID(), orderID: order.id, reason: "no data"))
    #expect(try await market.balance(account) == 2_200_000)
    #expect(try await market.findings().isEmpty)
    await market.shutdown()
  }

  @Test func priceWithoutTheTaxIsNotEnough() async throws {
    let market = try await TestMarket(taxRate: 1_000)
    let account = try await market.deposit(2_199_999)
    let placed = try await market.place()
    await expectRefusal("INSUFFICIENT_FUNDS") { try await market.fund(placed, from: account) }
    #expect(try await market.balance(account) == 2_199_999)
    await market.shutdown()
  }

  @Test func newRuleCountsOnceAnotherOfficerApprovesAndOrdersKeepTheirs() async throws {
    let market = try await TestMarket(taxRate: 1_000)
    let officers = [
      try market.authority.caller([.clearingOfficer]),
      try market.authority.caller([.clearingOfficer]),
    ]
    let channels = try officers.map { try market.service.channel(as: $0) }
    let (first, second) = (TaxServiceClient(channels[0]), TaxServiceClient(channels[1]))
    let before = try await market.place()
    let rule = SettlementV1.TaxRule(
      jurisdiction: "VN", supply: .domestic, rateBasisPoints: 500,
      validFrom: market.time.now.adding(seconds: -1), legalSource: "a new law")
    let proposed = try await first.proposeTaxRule(
      SettlementV1.ProposeTaxRuleRequest(requestID: market.requestID(), rule: rule)
    ).rule
    #expect(proposed.version == 5 && proposed.approveTime == nil)
    #expect(try await market.place().tax?.ruleVersion == 4)
    await expectRefusal("TAX_RULE_OWN_PROPOSAL") {
      try await first.approveTaxRule(
        SettlementV1.ApproveTaxRuleRequest(
          requestID: market.requestID(), version: proposed.version))
    }
    await expectRefusal("TAX_RULE_NOT_FOUND", .notFound) {
      try await second.approveTaxRule(
        SettlementV1.ApproveTaxRuleRequest(requestID: market.requestID(), version: 9))
    }
    _ = try await second.approveTaxRule(
      SettlementV1.ApproveTaxRuleRequest(
        requestID: market.requestID(), version: proposed.version))
    let after = try await market.place()
    #expect(after.tax?.ruleVersion == 5 && after.total?.minorUnits == 2_100_000)
    #expect(try await market.get(before).tax?.ruleVersion == 4)
    let rules = try await first.listTaxRules(SettlementV1.ListTaxRulesRequest()).rules
    #expect(rules.map(\.version) == [1, 2, 3, 4, 5])
    #expect(rules.map(\.rateBasisPoints) == [1_000, 800, 0, 1_000, 500])
    let story = try await market.story(of: "tax/5")
    #expect(
      story == ["tax.proposed", "tax.approve_tax_rule TAX_RULE_OWN_PROPOSAL", "tax.approved"])
    for channel in channels { await channel.close() }
    await market.shutdown()
  }
}
