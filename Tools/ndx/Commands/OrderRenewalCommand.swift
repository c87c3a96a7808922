import Model

extension SettlementV1.Renewal {
  /// What is shown of it with its order.
  var rows: [(String, String)] {
    let last = lastPeriod == 0 ? "" : "\(lastPeriod)"
    return [
      ("renewal", state.argumentName),
      (
        "paid period",
        "\(period): \(periodStart?.description ?? "") – \(periodEnd?.description ?? "")"
      ),
      ("last period", last), ("renewal due", dueTime?.description ?? ""),
      ("not renewed because", blockedBy),
    ]
  }
}
