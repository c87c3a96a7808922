package import Model

/// What an account is for. Raw values are those of the proto and of the database.
package enum AccountKind: Int32, Sendable, CaseIterable {
  case participant = 1
  case escrow
  case fee
  case tax
  case inTransit
  case external
}

/// Some kinds of account.
package struct AccountKinds: OptionSet, Sendable {
  package let rawValue: Int32
  package init(rawValue: Int32) { self.rawValue = rawValue }
  package init(_ kind: AccountKind) { self.init(rawValue: 1 << kind.rawValue) }

  package static let escrow = Self(.escrow)
  package static let inTransit = Self(.inTransit)
}

/// Whether an account may be used.
package enum AccountState: Int32, Sendable, CaseIterable {
  case open = 1
  case frozen
  case closed
}

/// The four sums of an account, in minor units. None is ever negative.
package struct Counters: Sendable, Hashable {
  package var debitsPosted: Int64 = 0
  package var debitsPending: Int64 = 0
  package var creditsPosted: Int64 = 0
  package var creditsPending: Int64 = 0

  package init() {}

  package init(
    debitsPosted: Int64, debitsPending: Int64, creditsPosted: Int64, creditsPending: Int64
  ) {
    self.debitsPosted = debitsPosted
    self.debitsPending = debitsPending
    self.creditsPosted = creditsPosted
    self.creditsPending = creditsPending
  }
}

/// One account of the ledger. Everything but its state, its cap and its counters is fixed when it is opened.
package struct Account: Sendable, Hashable {
  package let id: AccountID
  /// The participant it belongs to; nil for the exchange's own.
  package let ownerID: ParticipantID?
  package let currency: Currency
  package let environment: TypeV1.Environment
  package let kind: AccountKind
  /// Whether it may go below zero.
  package let overdraftAllowed: Bool
  /// How far below zero an account with overdraft may go; 0 means without limit.
  package var netDebitCap: Int64
  /// Whether what its counters were after each change is kept.
  package let history: Bool
  package let createTime: Timestamp
  package var state: AccountState
  package var counters: Counters
  /// Its number in the database, which transfers refer to; 0 before it has one.
  package let number: Int64
  /// The number of the newest transfer from or to it; 0 when there is none.
  package var lastTransfer: Int64
  /// How many transfers from or to it there are.
  package var transferCount: Int64

  package init(
    id: AccountID, ownerID: ParticipantID?, currency: Currency, environment: TypeV1.Environment,
    kind: AccountKind, overdraftAllowed: Bool = false, netDebitCap: Int64 = 0,
    history: Bool = false, createTime: Timestamp, state: AccountState = .open,
    counters: Counters = Counters(), number: Int64 = 0, lastTransfer: Int64 = 0,
    transferCount: Int64 = 0
  ) {
    self.id = id
    self.ownerID = ownerID
    self.currency = currency
    self.environment = environment
    self.kind = kind
    self.overdraftAllowed = overdraftAllowed
    self.netDebitCap = netDebitCap
    self.history = history
    self.createTime = createTime
    self.state = state
    self.counters = counters
    self.number = number
    self.lastTransfer = lastTransfer
    self.transferCount = transferCount
  }

  /// Posted credits less posted debits.
  package var balance: Int64 { counters.creditsPosted - counters.debitsPosted }
  /// The balance less what is held.
  package var available: Int64 { balance - counters.debitsPending }
}
