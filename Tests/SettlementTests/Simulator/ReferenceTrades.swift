import Model
import SettlementDomain

/// Orders and their money, and the windows that they fall in. Each function does one thing that somebody may ask for,
/// or returns the reason why not and leaves everything as it was.
struct ReferenceTrades {
  enum Party { case consumer, provider, exchange }
  enum Ruling { case full, none, partial(Int64) }

  var money: ReferenceMoney
  var orders: [OrderID: ReferenceOrder] = [:]
  var windows: [WindowID: ReferenceWindow] = [:]
  var bank = ReferenceBank()
  /// What each provider has reported, in sequence.
  var reports: [Int: [SettlementV1.UsageRecord]] = [:]
  /// What people have said of their consents since they gave them.
  var said: [ConsentID: ReferenceConsent.Word] = [:]
  var openWindows: [SettlementV1.SettlementModel: ReferenceWindow] = [:]
  /// The accounts of each participant.
  var wallets: [[AccountID]] = []

  static let conflict = "ORDER_STATE_CONFLICT"

  /// Carries a change of one order out, or nothing of it.
  mutating func change(
    _ id: OrderID, _ body: (inout ReferenceOrder, inout ReferenceMoney) -> String?
  ) -> String? {
    guard var order = orders[id] else { return "ORDER_NOT_FOUND" }
    var money = money
    if let reason = body(&order, &money) { return reason }
    orders[id] = order
    self.money = money
    return nil
  }

  // MARK: On the way

  mutating func place(_ order: ReferenceOrder, at now: Timestamp) {
    var order = order
    let deadlines = SimulatedExchange.deadlines
    if order.isFree {
      order.state = .delivering
      order.due = now.adding(seconds: deadlines.deliverySeconds)
      order.openAgreement(at: now)
    } else {
      order.state = .awaitingFunds
      order.due = now.adding(seconds: deadlines.fundingSeconds)
    }
    orders[order.id] = order
  }

  mutating func fund(_ id: OrderID, from account: AccountID, at now: Timestamp) -> String? {
    let (wallets, gate) = (wallets, gate(of: id, at: now))
    return change(id) { order, money in
      guard order.isIn(now, .awaitingFunds) else { return Self.conflict }
      if let gate { return gate }
      guard wallets[order.consumer].contains(account) else { return "ACCOUNT_NOT_FOUND" }
      let payment = ReferenceMoney.Move(
        kind: order.isMetered ? .hold : .post, debit: account, credit: money.own.escrow,
        amount: order.total)
      if let reason = money.carry([payment]) { return reason }
      order.payer = account
      order.openAgreement(at: now)
      order.state = .escrowed
      order.due = now.adding(seconds: SimulatedExchange.deadlines.deliverySeconds)
      if order.isMetered {
        order.due = order.agreementEnds?.adding(
          seconds: SimulatedExchange.deadlines.reportSeconds)
      } else {
        order.invoice(order.price, order.tax)
      }
      return nil
    }
  }

  mutating func grant(_ id: OrderID, at now: Timestamp) -> String? {
    let gate = gate(of: id, at: now)
    return change(id) { order, _ in
      guard order.isIn(now, .escrowed, .delivering, .delivered, .settled, .partiallyRefunded) else {
        return Self.conflict
      }
      guard order.agreement(at: now) == .active else { return "AGREEMENT_NOT_ACTIVE" }
      if let gate { return gate }
      if order.state == .escrowed { order.state = .delivering }
      return nil
    }
  }

  mutating func confirm(_ id: OrderID, completed: Timestamp, at now: Timestamp) -> String? {
    change(id) { order, _ in
      guard order.isIn(now, .delivering) else { return Self.conflict }
      guard completed <= now.adding(seconds: 60) else { return "RECEIPT_TIME_IMPLAUSIBLE" }
      guard !order.isMetered else { return nil }
      order.state = .delivered
      order.due = now.adding(seconds: SimulatedExchange.deadlines.acceptanceSeconds)
      return nil
    }
  }

  mutating func accept(_ id: OrderID, at now: Timestamp) -> String? {
    change(id) { order, money in
      guard order.isIn(now, .delivered, .disputed) else { return Self.conflict }
      if let reason = money.payOut(&order, refunding: 0) { return reason }
      (order.state, order.due) = (.settled, nil)
      return nil
    }
  }

  // MARK: Disputes

  mutating func raise(_ id: OrderID, at now: Timestamp) -> String? {
    change(id) { order, _ in
      guard order.isIn(now, .delivered) else { return Self.conflict }
      order.dispute = ReferenceOrder.Dispute()
      order.state = .disputed
      order.due = now.adding(seconds: SimulatedExchange.deadlines.answerSeconds)
      return nil
    }
  }

  mutating func respond(_ id: OrderID, by party: Party, at now: Timestamp) -> String? {
    change(id) { order, _ in
      guard order.isIn(now, .disputed), var dispute = order.dispute else {
        return Self.conflict
      }
      let deadlines = SimulatedExchange.deadlines
      if party == .provider, !dispute.isAnswered {
        let replyDue = now.adding(seconds: deadlines.replySeconds)
        dispute.isAnswered = true
        dispute.replyDue = replyDue
        order.due = replyDue.adding(seconds: deadlines.decisionSeconds)
      } else if party == .consumer, dispute.awaitsReply(at: now) {
        dispute.isReplied = true
        order.due = now.adding(seconds: deadlines.decisionSeconds)
      } else {
        return "DISPUTE_NOT_YOUR_TURN"
      }
      order.dispute = dispute
      return nil
    }
  }

  mutating func resolve(_ id: OrderID, _ ruling: Ruling, at now: Timestamp) -> String? {
    change(id) { order, money in
      guard order.isIn(now, .disputed), let dispute = order.dispute else {
        return Self.conflict
      }
      guard dispute.isAnswered, !dispute.awaitsReply(at: now) else {
        return "DISPUTE_NOT_YOUR_TURN"
      }
      switch ruling {
      case .full:
        if let reason = money.giveBack(&order) { return reason }
        order.end(as: .refunded)
      case .none:
        if let reason = money.payOut(&order, refunding: 0) { return reason }
        (order.state, order.due) = (.settled, nil)
      case .partial(let refund):
        guard refund > 0, refund < order.total else { return "REFUND_OUT_OF_RANGE" }
        if let reason = money.payOut(&order, refunding: refund) { return reason }
        order.refund = refund
        (order.state, order.due) = (.partiallyRefunded, nil)
      }
      return nil
    }
  }

  // MARK: Ends

  mutating func cancel(_ id: OrderID, by party: Party, at now: Timestamp) -> String? {
    change(id) { order, money in
      if party == .consumer {
        guard order.isIn(now, .awaitingFunds) else { return Self.conflict }
        order.end(as: .cancelled)
        return nil
      }
      guard order.isIn(now, .escrowed, .delivering, .disputed) else { return Self.conflict }
      if let reason = money.giveBack(&order) { return reason }
      order.end(as: .refunded)
      return nil
    }
  }

  mutating func suspend(_ id: OrderID, by party: Party, at now: Timestamp) -> String? {
    change(id) { order, _ in
      if let reason = order.refusalUnlessLive(now) { return reason }
      let isNews = party == .exchange && !order.isSuspendedByExchange
      guard order.agreement == .active || isNews else { return "AGREEMENT_NOT_ACTIVE" }
      order.agreement = .suspended
      order.isSuspendedByExchange = party == .exchange
      return nil
    }
  }

  mutating func resume(_ id: OrderID, by party: Party, at now: Timestamp) -> String? {
    change(id) { order, _ in
      if let reason = order.refusalUnlessLive(now) { return reason }
      guard order.agreement == .suspended else {
        return order.isPaused ? "CONSENT_PAUSED" : "AGREEMENT_NOT_SUSPENDED"
      }
      if order.isSuspendedByExchange, party != .exchange {
        return "AGREEMENT_SUSPENDED_BY_EXCHANGE"
      }
      order.agreement = .active
      order.isSuspendedByExchange = false
      return nil
    }
  }

  mutating func terminate(_ id: OrderID, by party: Party, at now: Timestamp) -> String? {
    change(id) { order, money in
      if let reason = order.refusalUnlessLive(now) { return reason }
      return order.terminate(by: party, &money, at: now)
    }
  }

  /// Writes down that a deadline has passed, and moves the money.
  mutating func enforce(_ id: OrderID, at now: Timestamp) -> String? {
    change(id) { order, money in
      let state = order.state(at: now)
      guard state != order.state else { return nil }
      switch state {
      case .refunded:
        if let reason = money.giveBack(&order) { return reason }
        order.end(as: .refunded)
      case .settled:
        let reason = order.isMetered ? money.charge(&order) : money.payOut(&order, refunding: 0)
        if let reason { return reason }
        (order.state, order.due) = (.settled, nil)
      default: order.end(as: state)
      }
      return nil
    }
  }
}

extension ReferenceOrder {
  func isIn(_ now: Timestamp, _ states: State...) -> Bool { states.contains(state(at: now)) }

  func refusalUnlessLive(_ now: Timestamp) -> String? {
    guard isIn(now, .escrowed, .delivering, .delivered, .disputed, .settled, .partiallyRefunded)
    else { return ReferenceTrades.conflict }
    let agreement = agreement(at: now)
    return agreement == .active || agreement == .suspended ? nil : "AGREEMENT_NOT_ACTIVE"
  }

  /// Ends the agreement: before delivery with the order, or with the period of what is metered.
  mutating func terminate(
    by party: ReferenceTrades.Party, _ money: inout ReferenceMoney, at now: Timestamp
  ) -> String? {
    guard state == .escrowed || state == .delivering else {
      endAgreement()
      return nil
    }
    if isMetered {
      endAgreement()
      let end = now.adding(seconds: SimulatedExchange.deadlines.reportSeconds)
      due = min(due ?? end, end)
      return nil
    }
    guard party != .consumer else { return ReferenceTrades.conflict }
    if let reason = money.giveBack(&self) { return reason }
    end(as: .refunded)
    return nil
  }

  mutating func invoice(_ net: Int64, _ tax: Int64) {
    documents.append(Document(isCredit: false, net: net, tax: tax))
  }

  mutating func credit(_ net: Int64, _ tax: Int64) {
    documents.append(Document(isCredit: true, net: net, tax: tax))
  }
}

extension ReferenceMoney {
  fileprivate mutating func giveBack(_ order: inout ReferenceOrder) -> String? {
    guard let payer = order.payer else { return nil }
    if order.isMetered {
      return carry([
        .init(kind: .release, debit: payer, credit: own.escrow, amount: order.total)
      ])
    }
    if let reason = carry([.init(debit: own.escrow, credit: payer, amount: order.total)]) {
      return reason
    }
    order.credit(order.price, order.tax)
    return nil
  }

  fileprivate mutating func payOut(
    _ order: inout ReferenceOrder, refunding refund: Int64
  ) -> String? {
    guard !order.isFree, let payer = order.payer else { return nil }
    let parts = order.parts
    let given = ReferenceDivision.parts(of: refund, by: parts)
    let payouts = payouts(of: zip(parts, given).map { $0 - $1 }, order)
    let back = Move(debit: own.escrow, credit: payer, amount: refund)
    if let reason = carry((refund > 0 ? [back] : []) + payouts.map(payment)) { return reason }
    order.payouts = payouts
    if refund > 0 { order.credit(given.dropLast().reduce(0, +), given.last ?? 0) }
    return nil
  }

  /// Who gets which part, the tax last; nothing is no payout.
  func payouts(of parts: [Int64], _ order: ReferenceOrder) -> [ReferenceOrder.Payout] {
    let shares = order.shares.map { ($0.account, false) } + [(own.taxOffice, true)]
    return zip(shares, parts).filter { $0.1 > 0 }.map {
      ReferenceOrder.Payout(account: $0.0.0, isTax: $0.0.1, amount: $0.1)
    }
  }

  func payment(_ payout: ReferenceOrder.Payout) -> Move {
    Move(debit: own.escrow, credit: payout.account, amount: payout.amount)
  }
}
