import Model
import ServiceRuntime
import SettlementDomain

extension SettlementV1.TaxRule {
  init(_ rule: TaxRule) {
    self.init(
      version: rule.version, jurisdiction: rule.jurisdiction, supply: rule.supply,
      dataClass: rule.dataClass, rateBasisPoints: rule.rateBasisPoints, exempt: rule.isExempt,
      validFrom: rule.validFrom, validUntil: rule.validUntil, legalSource: rule.legalSource,
      proposerID: rule.proposerID, approverID: rule.approverID, approveTime: rule.approveTime)
  }
}

extension SettlementV1.OrderTax {
  init(_ tax: OrderTax) {
    self.init(
      ruleVersion: tax.ruleVersion ?? 0, rateBasisPoints: tax.rateBasisPoints, amount: tax.amount)
  }
}

extension AuditEvent {
  /// What happened to a tax rule.
  init(_ kind: String, _ rule: TaxRule) {
    self.init(
      kind: kind, subjects: ["tax/\(rule.version)"],
      payload: [
        "jurisdiction": rule.jurisdiction, "supply": rule.supply.protoName ?? "",
        "rate_basis_points": "\(rule.rateBasisPoints)", "legal_source": rule.legalSource,
      ])
  }
}
