package import Model

/// What must hold for a price beyond the limits of its fields.
package enum PriceRules {
  /// Every violation there is.
  package static func violations(of price: CatalogV1.Price) -> [FieldViolation] {
    switch price.model {
    case .free: absent(amountOf: price) + absent(periodOf: price) + absent(usageOf: price)
    case .oneOff: amount(price) + absent(periodOf: price) + absent(usageOf: price)
    case .subscription: amount(price) + period(price) + notice(price) + absent(usageOf: price)
    case .usage: amount(price) + period(price) + renewal(price) + usage(price)
    case .unspecified, .unrecognized:
      [violation("model", "required", vi: "phải chọn mô hình giá", en: "must be set")]
    }
  }

  private static func amount(_ price: CatalogV1.Price) -> [FieldViolation] {
    guard let amount = price.amount else {
      return [
        violation(
          "amount", "required", vi: "phải có số tiền", en: "must be set unless the model is FREE")
      ]
    }
    guard amount.minorUnits > 0 else {
      return [
        violation(
          "amount.minor_units", "integer.gt", vi: "phải lớn hơn 0", en: "must be above 0")
      ]
    }
    guard amount.minorUnits <= Money.limit else {
      return [
        violation(
          "amount.minor_units", "integer.lte", vi: "không được vượt \(Money.limit)",
          en: "must not exceed \(Money.limit)")
      ]
    }
    return []
  }

  private static func period(_ price: CatalogV1.Price) -> [FieldViolation] {
    guard price.period == nil else { return [] }
    return [
      violation(
        "period", "required", vi: "phải nêu chu kỳ thanh toán",
        en: "must be set for SUBSCRIPTION and USAGE")
    ]
  }

  /// A month counts as 28 days here, its shortest, so that notice fits into every period.
  private static func notice(_ price: CatalogV1.Price) -> [FieldViolation] {
    guard price.noticeDays > 0 else { return [] }
    guard price.renews else {
      return [
        violation(
          "notice_days", "absent", vi: "chỉ dùng khi có gia hạn", en: "must be 0 without renewal")
      ]
    }
    let days = (price.period?.count ?? 0) * (price.period?.unit == .month ? 28 : 1)
    guard price.noticeDays >= days, price.period != nil else { return [] }
    return [
      violation(
        "notice_days", "integer.lt", vi: "phải ngắn hơn chu kỳ", en: "must be below the period")
    ]
  }

  private static func usage(_ price: CatalogV1.Price) -> [FieldViolation] {
    var found: [FieldViolation] = []
    switch price.usageUnit {
    case .call, .mebibyte, .row: break
    case .unspecified, .unrecognized:
      found.append(
        violation(
          "usage_unit", "required", vi: "phải nêu đơn vị sử dụng", en: "must be set for USAGE"))
    }
    guard let last = price.tiers.last else {
      return found + [
        violation("tiers", "required", vi: "phải có bậc giá", en: "must not be empty for USAGE")
      ]
    }
    if last.upTo != 0 {
      found.append(
        violation(
          "tiers[\(price.tiers.count - 1)].up_to", "absent", vi: "bậc cuối không có giới hạn",
          en: "must be 0: the last tier has no end"))
    }
    var previous: Int64 = 0
    for (index, tier) in price.tiers.dropLast().enumerated() {
      if tier.upTo <= previous {
        found.append(
          violation(
            "tiers[\(index)].up_to", "integer.gt", vi: "phải lớn hơn bậc trước",
            en: "must be above that of the tier before"))
      }
      previous = tier.upTo
    }
    return found
  }

  private static func absent(amountOf price: CatalogV1.Price) -> [FieldViolation] {
    guard price.amount != nil else { return [] }
    return [
      violation(
        "amount", "absent", vi: "miễn phí thì không có số tiền", en: "must be absent for FREE")
    ]
  }

  private static func absent(periodOf price: CatalogV1.Price) -> [FieldViolation] {
    guard price.period == nil else {
      return [
        violation(
          "period", "absent", vi: "mô hình giá này không có chu kỳ",
          en: "must be absent for this model")
      ] + renewal(price)
    }
    return renewal(price)
  }

  private static func renewal(_ price: CatalogV1.Price) -> [FieldViolation] {
    guard price.renews || price.noticeDays != 0 else { return [] }
    return [
      violation(
        "renews", "absent", vi: "chỉ thuê bao mới gia hạn", en: "only a SUBSCRIPTION renews")
    ]
  }

  private static func absent(usageOf price: CatalogV1.Price) -> [FieldViolation] {
    guard price.usageUnit != .unspecified || !price.tiers.isEmpty else { return [] }
    return [
      violation(
        "tiers", "absent", vi: "chỉ dùng khi tính theo sử dụng", en: "must be empty but for USAGE")
    ]
  }

  private static func violation(
    _ field: String, _ rule: String, vi: String, en: String
  ) -> FieldViolation {
    FieldViolation(field: "terms.price.\(field)", rule: rule, text: Text(vi: vi, en: en))
  }
}
