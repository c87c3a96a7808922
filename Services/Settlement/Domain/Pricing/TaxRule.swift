package import Model

/// One version of what the law asks of supplies. Versions are added, never edited.
package struct TaxRule: Sendable, Hashable {
  package let version: Int32
  /// Of the supplier, ISO 3166-1 alpha-2.
  package let jurisdiction: String
  package let supply: SettlementV1.TaxSupply
  /// `unspecified` for every class.
  package let dataClass: CatalogV1.DataClass
  /// 1000 is 10 %.
  package let rateBasisPoints: Int32
  /// Outside the tax altogether, which is another thing than a rate of zero.
  package let isExempt: Bool
  package let validFrom: Timestamp
  package let validUntil: Timestamp?
  package let legalSource: String
  /// Nil for rules that the exchange came with.
  package let proposerID: ParticipantID?
  package internal(set) var approverID: ParticipantID?
  /// Nil while it waits for approval.
  package internal(set) var approveTime: Timestamp?

  package init(
    version: Int32, jurisdiction: String, supply: SettlementV1.TaxSupply,
    dataClass: CatalogV1.DataClass = .unspecified, rateBasisPoints: Int32, isExempt: Bool = false,
    validFrom: Timestamp, validUntil: Timestamp? = nil, legalSource: String,
    proposerID: ParticipantID? = nil, approverID: ParticipantID? = nil,
    approveTime: Timestamp? = nil
  ) {
    self.version = version
    self.jurisdiction = jurisdiction
    self.supply = supply
    self.dataClass = dataClass
    self.rateBasisPoints = rateBasisPoints
    self.isExempt = isExempt
    self.validFrom = validFrom
    self.validUntil = validUntil
    self.legalSource = legalSource
    self.proposerID = proposerID
    self.approverID = approverID
    self.approveTime = approveTime
  }

  /// Whether it covers a supply that is made at `now`.
  package func covers(_ supply: TaxableSupply, at now: Timestamp) -> Bool {
    approveTime.map { $0 <= now } ?? false
      && jurisdiction == supply.supplierJurisdiction && self.supply == supply.kind
      && (dataClass == .unspecified || dataClass == supply.dataClass)
      && validFrom <= now && validUntil.map { now < $0 } ?? true
  }

  /// The rule that applies: the newest version of those that cover the supply; nil when none does.
  package static func applying(
    to supply: TaxableSupply, among rules: [TaxRule], at now: Timestamp
  ) -> TaxRule? {
    rules.filter { $0.covers(supply, at: now) }.max { $0.version < $1.version }
  }

  /// A rule to be approved, as the next version.
  /// - Throws: `SettlementError.tax` when it makes no sense.
  package static func propose(
    _ rule: SettlementV1.TaxRule, version: Int32, by officer: ParticipantID
  ) throws(SettlementError) -> TaxRule {
    if let until = rule.validUntil, until <= rule.validFrom { throw .tax(.validityEmpty) }
    guard !rule.exempt || rule.rateBasisPoints == 0 else { throw .tax(.exemptWithRate) }
    return TaxRule(
      version: version, jurisdiction: rule.jurisdiction, supply: rule.supply,
      dataClass: rule.dataClass, rateBasisPoints: rule.rateBasisPoints, isExempt: rule.exempt,
      validFrom: rule.validFrom, validUntil: rule.validUntil, legalSource: rule.legalSource,
      proposerID: officer)
  }

  /// Another officer agrees.
  /// - Throws: `SettlementError.tax`.
  package mutating func approve(
    by officer: ParticipantID, at now: Timestamp
  ) throws(SettlementError) {
    guard approveTime == nil else { throw .tax(.alreadyApproved) }
    guard officer != proposerID else { throw .tax(.ownProposal) }
    approverID = officer
    approveTime = now
  }
}

/// Why a change of the tax table is refused. The raw value is the stable reason.
package enum TaxRefusal: String, Sendable, CaseIterable {
  case unknownVersion = "TAX_RULE_NOT_FOUND"
  case validityEmpty = "TAX_RULE_VALIDITY_EMPTY"
  case exemptWithRate = "TAX_RULE_EXEMPT_WITH_RATE"
  case alreadyApproved = "TAX_RULE_ALREADY_APPROVED"
  case ownProposal = "TAX_RULE_OWN_PROPOSAL"

  /// What people read.
  package var text: Text {
    switch self {
    case .unknownVersion:
      Text(vi: "Không có quy tắc thuế này.", en: "There is no such tax rule.")
    case .validityEmpty:
      Text(
        vi: "Quy tắc thuế phải kết thúc sau khi bắt đầu.",
        en: "A tax rule must end after it begins.")
    case .exemptWithRate:
      Text(
        vi: "Đối tượng không chịu thuế thì thuế suất phải là 0.",
        en: "What is exempt has a rate of 0.")
    case .alreadyApproved:
      Text(vi: "Quy tắc thuế đã được duyệt.", en: "The tax rule has been approved already.")
    case .ownProposal:
      Text(
        vi: "Người đề xuất không được tự duyệt quy tắc thuế.",
        en: "Who proposed a tax rule may not approve it.")
    }
  }
}
