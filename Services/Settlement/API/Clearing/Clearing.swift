import Model
import ServiceRuntime
import SettlementDomain
import SettlementStore

/// What clearing does to windows and money within a transaction.
struct Clearing {
  private let ledger: Ledger
  private let transaction: Transaction

  init(_ ledger: Ledger, _ transaction: Transaction) {
    self.ledger = ledger
    self.transaction = transaction
  }

  /// The OPEN window of a key; the first one takes in all that moved before it.
  static func openWindow(_ key: WindowKey, _ transaction: Transaction) throws -> StoredWindow {
    if let window = try WindowTable(transaction.db).open(key) { return window }
    return try open(key, after: 0, transaction)
  }

  /// Opens the window that begins after a transfer.
  static func open(
    _ key: WindowKey, after last: Int64, _ transaction: Transaction
  ) throws -> StoredWindow {
    let window = try WindowTable(transaction.db).insert(
      ClearingWindow(
        id: .make(at: transaction.now), key: key, firstTransfer: last + 1,
        openTime: transaction.now))
    try transaction.emit(AuditEvent("window.opened", window.window))
    return window
  }

  /// A window to act on, its deadline passed if it is due, and named for the audit log.
  /// - Throws: `ClearingRule.windowNotFound`.
  func load(_ id: WindowID) throws -> (window: ClearingWindow, legs: LegSummary) {
    transaction.concerns("window/\(id)")
    guard var window = try WindowTable(transaction.db).find(id)?.window else {
      throw ledger.partitions.unknown(.clearing(.windowNotFound))
    }
    let legs = try legs(id)
    if window.passDeadline(legs, at: transaction.now) { try save(window, "window.aborted") }
    return (window, legs)
  }

  func legs(_ id: WindowID) throws -> LegSummary {
    LegSummary(try LegTable(transaction.db).all(of: id))
  }

  func save(_ window: ClearingWindow, _ kind: String) throws {
    try WindowTable(transaction.db).update(window)
    try transaction.emit(AuditEvent(kind, window))
  }

  /// Sets aside what the exchange is to pay, so that it is still there when a bank has paid.
  /// - Returns: whether it is set aside now.
  func reserve(_ leg: inout Leg, _ key: WindowKey) throws -> TransferOutcome {
    guard leg.direction == .payOut, leg.holdID == nil else { return .exists }
    let hub = try ExchangeAccounts.find(.inTransit, key.currency, key.environment, transaction)
    let id = TransferID.make(at: transaction.now)
    let result = try ledger.submit(
      [transfer(id, .hold, from: leg.accountID, to: hub.id, leg, key)], transaction)
    if result[0].outcome.isSuccess { leg.holdID = id }
    return result[0].outcome
  }

  /// Makes a payment final: the money goes through the hub account, which is empty before and after,
  /// and the member's account changes.
  /// - Throws: `ClearingRule.windowState`, `.payInsMissing`, `.legFinal`; `SettlementError.payment`.
  func finish(
    _ leg: inout Leg, of window: inout ClearingWindow, _ reference: String
  ) throws {
    do {
      if leg.state == .final { throw ClearingRule.legFinal }
      try window.requireFinal(leg.direction, try legs(window.id))
      try leg.finish(reference, at: transaction.now)
    } catch let rule as ClearingRule {
      throw SettlementError.clearing(rule)
    }
    try book(leg, window.key)
    try LegTable(transaction.db).update(leg)
    try transaction.emit(
      AuditEvent(
        "window.paid", window,
        [
          "participant": leg.memberID.description, "direction": leg.direction.name,
          "amount": "\(leg.amount)", "reference": reference,
        ]))
    let before = window.state
    window.paymentBecameFinal(try legs(window.id), at: transaction.now)
    if window.state != before {
      try save(window, "window.settled")
    } else {
      try WindowTable(transaction.db).update(window)
    }
  }

  private func book(_ leg: Leg, _ key: WindowKey) throws {
    let hub = try ExchangeAccounts.find(.inTransit, key.currency, key.environment, transaction).id
    let outside = try ExchangeAccounts.find(
      .external, key.currency, key.environment, transaction
    ).id
    var chain: [SettlementV1.Transfer]
    switch leg.direction {
    case .payIn:
      chain = [
        transfer(.make(at: transaction.now), .post, from: outside, to: hub, leg, key),
        transfer(.make(at: transaction.now), .post, from: hub, to: leg.accountID, leg, key),
      ]
    case .payOut:
      guard let hold = leg.holdID else { throw SettlementError.clearing(.windowState) }
      chain = [
        SettlementV1.Transfer(
          id: .make(at: transaction.now), kind: .capture, holdID: hold, windowID: leg.windowID),
        transfer(.make(at: transaction.now), .post, from: hub, to: outside, leg, key),
      ]
    }
    chain[0].linked = true
    let results = try ledger.submit(chain, transaction)
    if let failure = results.first(where: { !$0.outcome.isSuccess && $0.outcome != .linkedFailed })
    {
      throw SettlementError.payment(failure.outcome)
    }
  }

  private func transfer(
    _ id: TransferID, _ kind: SettlementV1.TransferKind, from debit: AccountID,
    to credit: AccountID, _ leg: Leg, _ key: WindowKey
  ) -> SettlementV1.Transfer {
    SettlementV1.Transfer(
      id: id, kind: kind, debitAccountID: debit, creditAccountID: credit, amount: leg.amount,
      currencyCode: key.currency.code, windowID: leg.windowID)
  }
}
