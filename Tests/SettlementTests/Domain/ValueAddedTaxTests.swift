import Model
import ServiceRuntime
import SettlementDomain
import SettlementStore
import Testing

struct ValueAddedTaxTests {
  private static let now = TradeSamples.now

  private static func rule(
    _ version: Int32, _ rate: Int32, supply: SettlementV1.TaxSupply = .domestic,
    dataClass: CatalogV1.DataClass = .unspecified, from: Int64 = -10, until: Int64? = nil,
    isApproved: Bool = true
  ) -> TaxRule {
    TaxRule(
      version: version, jurisdiction: "VN", supply: supply, dataClass: dataClass,
      rateBasisPoints: rate, validFrom: now.adding(seconds: from),
      validUntil: until.map { now.adding(seconds: $0) }, legalSource: "law",
      approveTime: isApproved ? now.adding(seconds: -100) : nil)
  }

  private static let supply = TaxableSupply(
    supplierJurisdiction: "VN", customerJurisdiction: "VN", dataClass: .open)

  @Test(
    arguments: [
      (2_000_000, 1_000, 200_000), (2_000_000, 800, 160_000), (5, 1_000, 1), (4, 1_000, 0),
      (15, 1_000, 2), (1, 10_000, 1), (0, 1_000, 0), (7, 0, 0),
      (Money.limit, 10_000, Money.limit), (Money.limit - 5, 800, 80_000_000_000_000),
    ] as [(Int64, Int32, Int64)])
  func taxIsRoundedHalfUp(net: Int64, rate: Int32, tax: Int64) {
    #expect(ValueAddedTax.amount(on: net, rateBasisPoints: rate) == tax)
  }

  @Test func taxIsNeverMoreThanHalfAUnitOff() {
    var random = SplitMix64(seed: 4)
    for _ in 0..<2_000 {
      let net = Int64.random(in: 0...Money.limit, using: &random)
      let rate = Int32.random(in: 0...10_000, using: &random)
      let tax = ValueAddedTax.amount(on: net, rateBasisPoints: rate)
      let error = Int128(tax) * 10_000 - Int128(net) * Int128(rate)
      #expect(error > -5_000 && error <= 5_000)
    }
  }

  @Test func newestRuleThatCoversTheSupplyApplies() {
    let rules = [
      Self.rule(1, 1_000), Self.rule(2, 800, until: 0), Self.rule(3, 700, from: 1),
      Self.rule(4, 600, supply: .crossBorder), Self.rule(5, 500, dataClass: .important),
      Self.rule(6, 400, isApproved: false),
    ]
    #expect(TaxRule.applying(to: Self.supply, among: rules, at: Self.now)?.version == 1)
    let before = Self.now.adding(seconds: -1)
    #expect(TaxRule.applying(to: Self.supply, among: rules, at: before)?.version == 2)
    let later = Self.now.adding(seconds: 1)
    #expect(TaxRule.applying(to: Self.supply, among: rules, at: later)?.version == 3)
    let abroad = TaxableSupply(
      supplierJurisdiction: "VN", customerJurisdiction: "SG", dataClass: .open)
    #expect(TaxRule.applying(to: abroad, among: rules, at: Self.now)?.version == 4)
    let important = TaxableSupply(
      supplierJurisdiction: "VN", customerJurisdiction: "VN", dataClass: .important)
    #expect(TaxRule.applying(to: important, among: rules, at: Self.now)?.version == 5)
    let foreign = TaxableSupply(
      supplierJurisdiction: "SG", customerJurisdiction: "VN", dataClass: .open)
    #expect(TaxRule.applying(to: foreign, among: rules, at: Self.now) == nil)
  }

  @Test func ratesOfVietNamFollowItsLaw() async throws {
    let ledger = try TestLedger()
    let rules = try await ledger.database.read { try TaxRuleTable($0).rules(of: "VN") }
    func rate(_ time: String, customer: String = "VN") throws -> Int32? {
      let supply = TaxableSupply(
        supplierJurisdiction: "VN", customerJurisdiction: customer, dataClass: .other)
      let now = try #require(Timestamp(time))
      return TaxRule.applying(to: supply, among: rules, at: now)?.rateBasisPoints
    }
    #expect(try rate("2025-06-30T23:59:59+07:00") == nil)
    #expect(try rate("2025-07-01T00:00:00+07:00") == 800)
    #expect(try rate("2026-12-31T23:59:59+07:00") == 800)
    #expect(try rate("2027-01-01T00:00:00+07:00") == 1_000)
    #expect(try rate("2026-06-01T00:00:00Z", customer: "SG") == 0)
  }

  @Test func approvalNeedsAnotherOfficer() throws {
    let (first, second) = (ParticipantID(high: 1, low: 1), ParticipantID(high: 1, low: 2))
    let message = SettlementV1.TaxRule(
      jurisdiction: "VN", supply: .domestic, rateBasisPoints: 500, validFrom: Self.now,
      legalSource: "law")
    var rule = try TaxRule.propose(message, version: 7, by: first)
    #expect(throws: SettlementError.tax(.ownProposal)) { try rule.approve(by: first, at: Self.now) }
    try rule.approve(by: second, at: Self.now)
    #expect(throws: SettlementError.tax(.alreadyApproved)) {
      try rule.approve(by: second, at: Self.now)
    }
    var empty = message
    empty.validUntil = Self.now
    #expect(throws: SettlementError.tax(.validityEmpty)) {
      try TaxRule.propose(empty, version: 7, by: first)
    }
    var exempt = message
    exempt.exempt = true
    #expect(throws: SettlementError.tax(.exemptWithRate)) {
      try TaxRule.propose(exempt, version: 7, by: first)
    }
  }
}
