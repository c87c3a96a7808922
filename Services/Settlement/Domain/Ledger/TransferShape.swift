package import Model

/// Check 2 of the order of checks: a message becomes a transfer, or names the first field that is wrong.
package enum TransferShape {
  /// The proto's name of the malformed field.
  package struct Violation: Error, Hashable {
    package let field: String
  }

  package static func check(_ message: SettlementV1.Transfer) throws(Violation) -> Transfer {
    let id = try require(message.id, "id")
    guard let kind = TransferKind(rawValue: message.kind.rawValue) else {
      throw Violation(field: "kind")
    }
    let debit = try account(
      message.debitAccountID, isOptional: kind.resolvesHold, "debit_account_id")
    let credit = try account(
      message.creditAccountID, isOptional: kind.resolvesHold, "credit_account_id")
    try checkAmount(message.amount, kind)
    let currency = Currency(message.currencyCode)
    if currency == nil, !(kind.resolvesHold && message.currencyCode.isEmpty) {
      throw Violation(field: "currency_code")
    }
    if kind.resolvesHold {
      _ = try require(message.holdID, "hold_id")
    } else if message.holdID != nil {
      throw Violation(field: "hold_id")
    }
    guard message.timeoutSeconds == 0 || (kind == .hold && message.timeoutSeconds > 0) else {
      throw Violation(field: "timeout_seconds")
    }
    return Transfer(
      id: id, kind: kind, debitAccountID: debit, creditAccountID: credit, amount: message.amount,
      currency: currency, holdID: message.holdID, timeoutSeconds: message.timeoutSeconds,
      isLinked: message.linked, orderID: message.orderID, windowID: message.windowID)
  }

  private static func require<Entity>(
    _ id: Identifier<Entity>?, _ field: String
  ) throws(Violation) -> Identifier<Entity> {
    guard let id, id.high | id.low != 0 else { throw Violation(field: field) }
    return id
  }

  private static func account(
    _ id: AccountID?, isOptional: Bool, _ field: String
  ) throws(Violation) -> AccountID? {
    if id == nil, isOptional { return nil }
    return try require(id, field)
  }

  private static func checkAmount(_ amount: Int64, _ kind: TransferKind) throws(Violation) {
    let isGood =
      switch kind {
      case .post, .hold: (1...Money.limit).contains(amount)
      case .capture: (0...Money.limit).contains(amount)
      case .release: amount == 0
      }
    guard isGood else { throw Violation(field: "amount") }
  }
}
