package import Model

/// Who may open which account.
package enum AccountRule {
  /// Why an account is not opened: a stable reason and the proto's name of the field at fault.
  package struct Refusal: Error, Sendable, Hashable {
    package let reason: String
    package let field: String
  }

  /// Whom accounts are opened for.
  package enum Opener: Sendable, Hashable {
    /// A participant opens accounts of its own, in its own environment.
    case participant(ParticipantID, TypeV1.Environment)
    /// Clearing officers and the exchange itself open any.
    case exchange
  }

  package static func check(
    _ message: SettlementV1.Account, by opener: Opener, at now: Timestamp
  ) throws(Refusal) -> Account {
    guard message.id.high | message.id.low != 0 else {
      throw Refusal(reason: "SHAPE_INVALID", field: "id")
    }
    guard let currency = Currency(message.currencyCode) else {
      throw Refusal(reason: "CURRENCY_UNKNOWN", field: "currency_code")
    }
    guard message.environment == .live || message.environment == .sandbox else {
      throw Refusal(reason: "SHAPE_INVALID", field: "environment")
    }
    guard let kind = AccountKind(rawValue: message.kind.rawValue) else {
      throw Refusal(reason: "SHAPE_INVALID", field: "kind")
    }
    if case .participant(let caller, let environment) = opener {
      guard kind == .participant else { throw Refusal(reason: "KIND_NOT_ALLOWED", field: "kind") }
      guard message.ownerID == caller else {
        throw Refusal(reason: "OWNER_NOT_CALLER", field: "owner_id")
      }
      guard message.environment == environment else {
        throw Refusal(reason: "ENVIRONMENT_MISMATCH", field: "environment")
      }
    }
    guard (message.ownerID != nil) == (kind == .participant) else {
      throw Refusal(reason: "OWNER_MISMATCH", field: "owner_id")
    }
    try checkLimits(message, kind, opener)
    return Account(
      id: message.id, ownerID: message.ownerID, currency: currency,
      environment: message.environment, kind: kind, overdraftAllowed: message.overdraftAllowed,
      netDebitCap: message.netDebitCap, history: message.history, createTime: now)
  }

  /// Whether the exchange has only one account of this kind in a currency and environment.
  package static func isSingle(_ kind: AccountKind) -> Bool {
    switch kind {
    case .escrow, .fee, .tax: true
    case .participant, .inTransit, .external: false
    }
  }

  private static func checkLimits(
    _ message: SettlementV1.Account, _ kind: AccountKind, _ opener: Opener
  ) throws(Refusal) {
    // A participant that settles net may owe, up to a cap that the exchange has set.
    guard
      !message.overdraftAllowed || kind == .external
        || (kind == .participant && opener == .exchange)
    else { throw Refusal(reason: "OVERDRAFT_NOT_ALLOWED", field: "overdraft_allowed") }
    guard !message.overdraftAllowed || kind == .external || message.netDebitCap > 0 else {
      throw Refusal(reason: "CAP_REQUIRED", field: "net_debit_cap")
    }
    guard message.netDebitCap <= Money.limit else {
      throw Refusal(reason: "SHAPE_INVALID", field: "net_debit_cap")
    }
    guard message.netDebitCap == 0 || message.overdraftAllowed else {
      throw Refusal(reason: "CAP_WITHOUT_OVERDRAFT", field: "net_debit_cap")
    }
    let set: [(Bool, String)] = [
      (message.debitsPosted != 0, "debits_posted"), (message.debitsPending != 0, "debits_pending"),
      (message.creditsPosted != 0, "credits_posted"),
      (message.creditsPending != 0, "credits_pending"), (message.state != .unspecified, "state"),
      (message.createTime != nil, "create_time"),
    ]
    if let (_, field) = set.first(where: \.0) {
      throw Refusal(reason: "SET_BY_LEDGER", field: field)
    }
  }

  /// The first field, in the proto's order and names, in which an account asked for differs from the
  /// one that has its id; nil when it is the same.
  package static func firstDifference(_ asked: Account, _ existing: Account) -> String? {
    if asked.ownerID != existing.ownerID { return "owner_id" }
    if asked.currency != existing.currency { return "currency_code" }
    if asked.environment != existing.environment { return "environment" }
    if asked.kind != existing.kind { return "kind" }
    if asked.overdraftAllowed != existing.overdraftAllowed { return "overdraft_allowed" }
    if asked.netDebitCap != existing.netDebitCap { return "net_debit_cap" }
    if asked.history != existing.history { return "history" }
    return nil
  }
}
