import Model
import ServiceRuntime
import SettlementDomain
import SettlementStore

/// Moves the money of orders: into escrow, back, or out by the split. Every movement is a transfer of the
/// ledger that names its order.
struct Escrow {
  private let ledger: Ledger
  private let transaction: Transaction
  private let billing: Billing
  private let payment: WitnessedPayment?

  /// - Parameter payment: what `PayoutWitness` found, for orders that are to pay out.
  init(_ ledger: Ledger, _ transaction: Transaction, _ payment: WitnessedPayment? = nil) {
    self.payment = payment
    self.ledger = ledger
    self.transaction = transaction
    billing = Billing(ledger, transaction)
  }

  /// Takes price and tax from an account of the consumer, with an invoice that names the parties as they are now;
  /// for usage, holds the most that they can be there.
  /// - Throws: `SettlementError.accountNotFound` when it is not the consumer's, `.payment`.
  func fund(
    _ order: Order, from accountID: AccountID, between parties: InvoiceParties
  ) throws -> Funding {
    guard let total = order.terms.total, let price = order.terms.price else {
      preconditionFailure("a free order waits for no money")
    }
    let account = try ledger.account(accountID, transaction)
    guard account?.ownerID == order.terms.consumerID, account?.kind == .participant else {
      throw SettlementError.accountNotFound(accountID)
    }
    let escrow = try escrowAccount(of: order, total.currency)
    var transfer = self.transfer(total, from: accountID, to: escrow, order)
    // Without an end: it lasts until what was used is charged.
    if order.terms.isMetered { transfer.kind = .hold }
    try submit([transfer])
    guard let id = transfer.id else { preconditionFailure("a transfer has an id") }
    try OrderPartyTable(transaction.db).insert(parties, of: order.id, paidAt: transaction.now)
    if !order.terms.isMetered {
      let end = order.terms.pricing?.period?.end(after: transaction.now)
      let line = order.terms.invoiceLine(
        parties.title, from: end.map { _ in transaction.now }, until: end)
      try billing.invoice(
        order, for: id, line, between: parties, net: price,
        tax: order.terms.tax ?? ValueAddedTax.charge(price, under: nil))
    }
    return Funding(accountID: accountID, transferID: id)
  }

  /// Takes the price of another period and its tax from the account that paid the first, and pays them out by
  /// the split: one chain, all of it or nothing.
  /// - Returns: the transfer that took the money, and what was paid out.
  /// - Throws: `SettlementError.payment`, `.payoutNotWitnessed`.
  func renew(
    _ order: Order, from start: Timestamp, until end: Timestamp, taxedBy tax: OrderTax,
    between parties: InvoiceParties
  ) throws -> (TransferID, [Payout]) {
    guard let price = order.terms.price, let funding = order.funding else {
      preconditionFailure("only what was paid renews")
    }
    let total = Money(
      currency: price.currency, minorUnits: price.minorUnits + tax.amount.minorUnits)
    let escrow = try escrowAccount(of: order, price.currency)
    var taking = transfer(total, from: funding.accountID, to: escrow, order)
    taking.linked = true
    let payouts = try pay(
      order.parts(taxedBy: tax), after: [taking], order, price.currency)
    guard let id = taking.id else { preconditionFailure("a transfer has an id") }
    let line = order.terms.invoiceLine(parties.title, from: start, until: end)
    try billing.invoice(order, for: id, line, between: parties, net: price, tax: tax)
    return (id, payouts)
  }

  /// Gives the whole payment back to the account it came from; nothing when nothing was paid.
  /// - Throws: `SettlementError.payment`.
  func refund(_ order: Order) throws {
    guard let total = order.terms.total, let funding = order.funding else { return }
    if order.terms.isMetered { return try submit([resolve(funding, by: .release, 0, order)]) }
    let escrow = try escrowAccount(of: order, total.currency)
    let transfer = transfer(total, from: escrow, to: funding.accountID, order)
    try submit([transfer])
    if let id = transfer.id { try billing.credit(order, for: [id], order.parts) }
  }

  /// Pays the tax to the tax office and the price out by the split, all parts or none, after `refund` minor
  /// units have gone back to the account they came from, each part giving its share of that. Parts of
  /// zero are left out. What goes to another partition is held in escrow, and crosses from there.
  /// - Throws: `SettlementError.payment`, `.payoutNotWitnessed`.
  func payOut(_ order: Order, refunding refund: Int64 = 0) throws -> [Payout] {
    guard let price = order.terms.price else { return [] }
    let escrow = try escrowAccount(of: order, price.currency)
    var transfers: [SettlementV1.Transfer] = []
    if refund > 0, let funding = order.funding {
      let money = Money(currency: price.currency, minorUnits: refund)
      transfers.append(transfer(money, from: escrow, to: funding.accountID, order))
      transfers[0].linked = true
    }
    let rest = RefundRule.rest(of: order.parts.map(\.amount), after: refund)
    let parts = zip(order.parts, rest).map { PaymentPart(share: $0.share, amount: $1) }
    let payouts = try pay(parts, after: transfers, order, price.currency)
    if let id = transfers.first?.id {
      let given = zip(order.parts, rest).map {
        PaymentPart(share: $0.share, amount: $0.amount - $1)
      }
      try billing.credit(order, for: [id], given)
    }
    return payouts
  }

  /// Takes `parts` back from the accounts that were paid, one part for each payout, to the account that the
  /// money came from: all of them or none.
  /// - Throws: `SettlementError.payment` when an account does not hold its part, `RefundRefusal.elsewhere`.
  /// - Returns: the transfer of each part; nil where a part is zero.
  func takeBack(
    _ parts: [Int64], of order: Order
  ) throws -> [(id: TransferID, amount: Int64)?] {
    guard let funding = order.funding else { return [] }
    var transfers: [SettlementV1.Transfer] = []
    var given: [(id: TransferID, amount: Int64)?] = []
    for (payout, part) in zip(order.payouts, parts) {
      guard part > 0 else {
        given.append(nil)
        continue
      }
      guard try ledger.account(payout.accountID, transaction)?.kind != .inTransit else {
        throw SettlementError.refund(.elsewhere)
      }
      let money = Money(currency: payout.amount.currency, minorUnits: part)
      var transfer = transfer(money, from: payout.accountID, to: funding.accountID, order)
      transfer.linked = true
      transfers.append(transfer)
      given.append(transfer.id.map { ($0, part) })
    }
    transfers[transfers.count - 1].linked = false
    try submit(transfers)
    let shares = zip(order.payouts, parts).map { payout, part in
      PaymentPart(
        share: TypeV1.SplitShare(beneficiary: payout.beneficiary, weight: 1), amount: part)
    }
    try billing.credit(order, for: given.compactMap { $0?.id }, shares)
    return given
  }

  /// Takes what was used, with its tax, out of the hold and pays it out by the split, all parts or none; the
  /// rest of the hold is the consumer's again.
  /// - Throws: `SettlementError.payment`, `.payoutNotWitnessed`.
  func charge(_ order: Order, for meter: UsageMeter) throws -> [Payout] {
    guard let price = order.terms.price, let funding = order.funding else { return [] }
    let parts = order.parts(of: meter)
    let total = parts.reduce(0) { $0 + $1.amount }
    guard total > 0 else {
      try refund(order)
      return []
    }
    var capture = resolve(funding, by: .capture, total, order)
    capture.linked = true
    let payouts = try pay(parts, after: [capture], order, price.currency)
    guard let id = capture.id else { preconditionFailure("a transfer has an id") }
    try billing.invoice(meter, of: order, for: id, parts, in: price.currency)
    return payouts
  }

  private func pay(
    _ parts: [PaymentPart], after first: [SettlementV1.Transfer], _ order: Order,
    _ currency: Currency
  ) throws -> [Payout] {
    try ledger.payoutLimits.check(order, payment)
    let escrow = try escrowAccount(of: order, currency)
    var transfers = first
    var payouts: [Payout] = []
    var crossings: [Crossing] = []
    for part in parts where part.amount > 0 {
      let money = Money(currency: currency, minorUnits: part.amount)
      var transfer: SettlementV1.Transfer
      if let crossing = try crossing(of: part.share, money, from: escrow, order) {
        transfer = try Crossings.hold(for: crossing, transaction)
        crossings.append(crossing)
      } else {
        let receiver = try receiver(of: part.share, order, currency)
        transfer = self.transfer(money, from: escrow, to: receiver, order)
      }
      transfer.linked = true
      transfers.append(transfer)
      guard let id = transfer.id, let receiver = transfer.creditAccountID else {
        preconditionFailure("a transfer has an id and a receiver")
      }
      payouts.append(
        Payout(
          beneficiary: part.share.beneficiary, accountID: receiver, amount: money, transferID: id))
    }
    transfers[transfers.count - 1].linked = false
    try submit(transfers)
    for crossing in crossings {
      try CrossingTable(transaction.db).insert(crossing)
      try transaction.emit(AuditEvent("crossing.started", crossing))
    }
    return payouts
  }

  /// The way of a share to a participant whose money is in another partition; nil for one that stays here.
  private func crossing(
    of share: TypeV1.SplitShare, _ money: Money, from escrow: AccountID, _ order: Order
  ) throws -> Crossing? {
    let named = share.beneficiary == .provider ? order.terms.providerID : share.participantID
    let isOfExchange = [.stateBudget, .taxOffice, .platform].contains(share.beneficiary)
    guard let receiver = named, !isOfExchange,
      let destination = try ledger.partitions.destination(
        of: receiver, money.currency, order.terms.environment)
    else { return nil }
    return Crossing(
      id: .make(at: transaction.now), destination: destination, debitAccountID: escrow,
      receiverID: receiver, amount: money, environment: order.terms.environment,
      orderID: order.id, createTime: transaction.now)
  }

  private func escrowAccount(of order: Order, _ currency: Currency) throws -> AccountID {
    try ExchangeAccounts.find(.escrow, currency, order.terms.environment, transaction).id
  }

  private func receiver(
    of share: TypeV1.SplitShare, _ order: Order, _ currency: Currency
  ) throws -> AccountID {
    let environment = order.terms.environment
    switch share.beneficiary {
    case .stateBudget, .taxOffice:
      return try ExchangeAccounts.find(.tax, currency, environment, transaction).id
    case .platform:
      return try ExchangeAccounts.find(.fee, currency, environment, transaction).id
    case .provider:
      return try ExchangeAccounts.find(
        owner: order.terms.providerID, currency, environment, transaction
      ).id
    case .dataSubjectsFund, .intermediary, .unspecified, .unrecognized:
      // The gates let no share pass that needs a name and has none.
      guard let owner = share.participantID else {
        throw SettlementError.gate(.offerNotPayable)
      }
      return try ExchangeAccounts.find(owner: owner, currency, environment, transaction).id
    }
  }

  private func transfer(
    _ amount: Money, from debit: AccountID, to credit: AccountID, _ order: Order
  ) -> SettlementV1.Transfer {
    SettlementV1.Transfer(
      id: .make(at: transaction.now), kind: .post, debitAccountID: debit,
      creditAccountID: credit, amount: amount.minorUnits, currencyCode: amount.currency.code,
      orderID: order.id)
  }

  private func resolve(
    _ funding: Funding, by kind: SettlementV1.TransferKind, _ amount: Int64, _ order: Order
  ) -> SettlementV1.Transfer {
    SettlementV1.Transfer(
      id: .make(at: transaction.now), kind: kind, amount: amount, holdID: funding.transferID,
      orderID: order.id)
  }

  private func submit(_ transfers: [SettlementV1.Transfer]) throws {
    let results = try ledger.submit(transfers, transaction)
    if let failure = results.first(where: { !$0.outcome.isSuccess && $0.outcome != .linkedFailed })
    {
      throw SettlementError.payment(failure.outcome)
    }
  }
}
