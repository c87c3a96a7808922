package import Model

/// What a transfer does. Raw values are those of the proto and of the database.
package enum TransferKind: Int32, Sendable, CaseIterable {
  /// Moves the amount now.
  case post = 1
  /// Sets the amount aside until it is captured, released or expires.
  case hold
  /// Moves all or part of a hold; the rest returns.
  case capture
  /// Gives a hold back.
  case release

  /// Whether it is about a hold made before.
  package var resolvesHold: Bool { self == .capture || self == .release }
}

/// A well-formed transfer, as submitted: what it says of itself, not what the ledger makes of it.
package struct Transfer: Sendable, Hashable {
  package let id: TransferID
  package let kind: TransferKind
  /// May be nil for CAPTURE and RELEASE: then the hold's.
  package var debitAccountID: AccountID?
  package var creditAccountID: AccountID?
  /// Minor units; for CAPTURE 0 means the whole hold, for RELEASE it is 0.
  package var amount: Int64
  /// May be nil for CAPTURE and RELEASE: then the hold's.
  package var currency: Currency?
  /// The hold, for CAPTURE and RELEASE.
  package let holdID: TransferID?
  /// Life of a HOLD; 0 means that it does not expire.
  package let timeoutSeconds: Int32
  /// Whether it stands or falls with the next transfer of its batch.
  package let isLinked: Bool
  package let orderID: OrderID?
  package let windowID: WindowID?

  package init(
    id: TransferID, kind: TransferKind, debitAccountID: AccountID?, creditAccountID: AccountID?,
    amount: Int64, currency: Currency?, holdID: TransferID? = nil, timeoutSeconds: Int32 = 0,
    isLinked: Bool = false, orderID: OrderID? = nil, windowID: WindowID? = nil
  ) {
    self.id = id
    self.kind = kind
    self.debitAccountID = debitAccountID
    self.creditAccountID = creditAccountID
    self.amount = amount
    self.currency = currency
    self.holdID = holdID
    self.timeoutSeconds = timeoutSeconds
    self.isLinked = isLinked
    self.orderID = orderID
    self.windowID = windowID
  }

  /// The first field, in the proto's order and names, in which `other` differs; nil when it is the same.
  package func firstDifference(from other: Transfer) -> String? {
    if kind != other.kind { return "kind" }
    if debitAccountID != other.debitAccountID { return "debit_account_id" }
    if creditAccountID != other.creditAccountID { return "credit_account_id" }
    if amount != other.amount { return "amount" }
    if currency != other.currency { return "currency_code" }
    if holdID != other.holdID { return "hold_id" }
    if timeoutSeconds != other.timeoutSeconds { return "timeout_seconds" }
    if isLinked != other.isLinked { return "linked" }
    if orderID != other.orderID { return "order_id" }
    if windowID != other.windowID { return "window_id" }
    return nil
  }
}

/// What the ledger remembers under a transfer's id.
package enum KnownTransfer: Sendable, Hashable {
  /// It moved money. Accounts, currency and amount are filled in.
  case recorded(Transfer, at: Timestamp)
  /// It was refused, as submitted, for good.
  case refused(Transfer, TransferOutcome)
}

/// What became of a hold. Raw values are those of the database.
package enum HoldState: Int32, Sendable, CaseIterable {
  case pending = 1
  case captured
  case released
  case expired
}

/// A HOLD that was recorded.
package struct Hold: Sendable, Hashable {
  package let id: TransferID
  package let debitAccountID: AccountID
  package let creditAccountID: AccountID
  package let amount: Int64
  package let currency: Currency
  /// From this moment on it counts no more; nil when it does not expire.
  package let expireTime: Timestamp?
  package var state: HoldState
  /// The number of its transfer; 0 before it is recorded.
  package var number: Int64

  package init(
    id: TransferID, debitAccountID: AccountID, creditAccountID: AccountID, amount: Int64,
    currency: Currency, expireTime: Timestamp?, state: HoldState = .pending, number: Int64 = 0
  ) {
    self.id = id
    self.debitAccountID = debitAccountID
    self.creditAccountID = creditAccountID
    self.amount = amount
    self.currency = currency
    self.expireTime = expireTime
    self.state = state
    self.number = number
  }

  /// What it is at `now`, whether or not anyone has written down that it expired.
  package func state(at now: Timestamp) -> HoldState {
    guard state == .pending, let expireTime, now >= expireTime else { return state }
    return .expired
  }
}
