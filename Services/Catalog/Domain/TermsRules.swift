package import Model

/// What must hold for the terms of an offer beyond the limits of their fields.
package enum TermsRules {
  /// The terms with the provider's part naming the publisher.
  /// Throws `InvalidArgument` with every violation there is.
  package static func accept(
    _ terms: CatalogV1.OfferTerms, publisher: ParticipantID, at now: Timestamp
  ) throws(InvalidArgument) -> CatalogV1.OfferTerms {
    let violations =
      PriceRules.violations(of: terms.price) + split(terms, publisher: publisher)
      + audience(terms.audience)
      + validity(terms, at: now)
    if let first = violations.first {
      throw InvalidArgument(first, Array(violations.dropFirst()))
    }
    var accepted = terms
    for index in accepted.split.indices where accepted.split[index].beneficiary == .provider {
      accepted.split[index].participantID = publisher
    }
    return accepted
  }

  private static func split(
    _ terms: CatalogV1.OfferTerms, publisher: ParticipantID
  ) -> [FieldViolation] {
    guard terms.price.model != .free else {
      return terms.split.isEmpty
        ? []
        : [
          violation(
            "terms.split", "absent", vi: "miễn phí thì không chia tiền",
            en: "must be empty for FREE")
        ]
    }
    var violations: [FieldViolation] = []
    if terms.split.count(where: { $0.beneficiary == .provider }) != 1 {
      violations.append(
        violation(
          "terms.split", "one_provider", vi: "phải có đúng một phần của bên cung cấp",
          en: "must hold exactly one part of the provider"))
    }
    var seen: Set<[String]> = []
    for (index, share) in terms.split.enumerated() {
      let field = "terms.split[\(index)]"
      if let found = receiver(of: share, field + ".participant_id", publisher: publisher) {
        violations.append(found)
      }
      if !(1...1_000_000).contains(share.weight) {
        violations.append(
          violation(
            field + ".weight", "integer.gte", vi: "phải từ 1 đến 1000000",
            en: "must be from 1 to 1000000"))
      }
      let key = [share.beneficiary.protoName ?? "", share.participantID?.description ?? ""]
      if !seen.insert(key).inserted {
        violations.append(violation(field, "unique", vi: "bị lặp lại", en: "is there twice"))
      }
    }
    return violations
  }

  private static func receiver(
    of share: TypeV1.SplitShare, _ field: String, publisher: ParticipantID
  ) -> FieldViolation? {
    switch (share.beneficiary, share.participantID) {
    case (.provider, nil), (.stateBudget, nil), (.platform, nil): nil
    case (.provider, let id?) where id == publisher: nil
    case (.provider, _):
      violation(
        field, "publisher", vi: "phải là bên công bố sản phẩm",
        en: "must be the product's publisher")
    case (.taxOffice, _):
      violation(
        field, "beneficiary", vi: "sàn cộng thuế vào giá, không chia trong giá",
        en: "must not be the tax office: the exchange adds the tax to the price")
    case (.stateBudget, _), (.platform, _):
      violation(
        field, "absent", vi: "sàn biết tài khoản này, không nêu bên nhận",
        en: "must be absent: the exchange knows this account")
    case (_, nil):
      violation(field, "required", vi: "phải nêu bên nhận", en: "must name the receiver")
    default: nil
    }
  }

  private static func audience(_ audience: CatalogV1.Audience) -> [FieldViolation] {
    let field = "terms.audience.participant_ids"
    switch audience.kind {
    case .public where !audience.participantIDs.isEmpty:
      return [
        violation(field, "absent", vi: "chỉ dùng với LISTED", en: "must be empty for PUBLIC")
      ]
    case .listed where audience.participantIDs.isEmpty:
      return [
        violation(
          field, "required", vi: "phải nêu các bên được mua", en: "must not be empty for LISTED")
      ]
    case .listed where Set(audience.participantIDs).count != audience.participantIDs.count:
      return [violation(field, "unique", vi: "có bên bị lặp lại", en: "names somebody twice")]
    default: return []
    }
  }

  private static func validity(
    _ terms: CatalogV1.OfferTerms, at now: Timestamp
  ) -> [FieldViolation] {
    guard let until = terms.validUntil else { return [] }
    guard until > (terms.validFrom ?? now), until > now else {
      return [
        violation(
          "terms.valid_until", "timestamp.gt", vi: "phải sau lúc bắt đầu và sau hiện tại",
          en: "must be after the start and in the future")
      ]
    }
    return []
  }

  private static func violation(
    _ field: String, _ rule: String, vi: String, en: String
  ) -> FieldViolation {
    FieldViolation(field: field, rule: rule, text: Text(vi: vi, en: en))
  }
}
