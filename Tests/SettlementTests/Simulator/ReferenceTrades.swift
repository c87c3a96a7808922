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
  var openWindows: [SettlementV1.SettlementModel: ReferenceWindow] = [:]
  /// The accounts of each participant.
  var wallets: [[AccountID]] = []

  static let conflict = "ORDER_STATE_CONFLICT"

  /// Carries a change of one order out, or nothing of it.
  private mutating func change(
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
      order.agreement = .active
      order.agreementEnds = now.adding(seconds: deadlines.agreementSeconds)
    } else {
      order.state = .awaitingFunds
      order.due = now.adding(seconds: deadlines.fundingSeconds)
    }
    orders[order.id] = order
  }

  mutating func fund(_ id: OrderID, from account: AccountID, at now: Timestamp) -> String? {
    let wallets = wallets
    return change(id) { order, money in
      guard order.isIn(now, .awaitingFunds) else { return Self.conflict }
      guard wallets[order.consumer].contains(account) else { return "ACCOUNT_NOT_FOUND" }
      let payment = ReferenceMoney.Move(
        debit: account, credit: money.own.escrow, amount: order.total)
      if let reason = money.carry([payment]) { return reason }
      order.payer = account
      order.agreement = .active
      order.agreementEnds = now.adding(seconds: SimulatedExchange.deadlines.agreementSeconds)
      order.state = .escrowed
      order.due = now.adding(seconds: SimulatedExchange.deadlines.deliverySeconds)
      return nil
    }
  }

  mutating func grant(_ id: OrderID, at now: Timestamp) -> String? {
    change(id) { order, _ in
      guard order.isIn(now, .escrowed, .delivering, .delivered, .settled, .partiallyRefunded) else {
        return Self.conflict
      }
      guard order.agreement(at: now) == .active else { return "AGREEMENT_NOT_ACTIVE" }
      if order.state == .escrowed { order.state = .delivering }
      return nil
    }
  }

  mutating func confirm(_ id: OrderID, completed: Timestamp, at now: Timestamp) -> String? {
    change(id) { order, _ in
      guard order.isIn(now, .delivering) else { return Self.conflict }
      guard completed <= now.adding(seconds: 60) else { return "RECEIPT_TIME_IMPLAUSIBLE" }
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
        if let reason = money.giveBack(order) { return reason }
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
      if let reason = money.giveBack(order) { return reason }
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
      guard order.agreement == .suspended else { return "AGREEMENT_NOT_SUSPENDED" }
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
      if order.state == .escrowed || order.state == .delivering {
        guard party != .consumer else { return Self.conflict }
        if let reason = money.giveBack(order) { return reason }
        order.end(as: .refunded)
      } else {
        order.agreement = .terminated
        order.isSuspendedByExchange = false
      }
      return nil
    }
  }

  /// Writes down that a deadline has passed, and moves the money.
  mutating func enforce(_ id: OrderID, at now: Timestamp) -> String? {
    change(id) { order, money in
      let state = order.state(at: now)
      guard state != order.state else { return nil }
      switch state {
      case .refunded:
        if let reason = money.giveBack(order) { return reason }
        order.end(as: .refunded)
      case .settled:
        if let reason = money.payOut(&order, refunding: 0) { return reason }
        (order.state, order.due) = (.settled, nil)
      default: order.end(as: state)
      }
      return nil
    }
  }
}

extension ReferenceOrder {
  func isIn(_ now: Timestamp, _ states: State...) -> Bool { states.contains(state(at: now)) }

  fileprivate func refusalUnlessLive(_ now: Timestamp) -> String? {
    guard isIn(now, .escrowed, .delivering, .delivered, .disputed, .settled, .partiallyRefunded)
    else { return ReferenceTrades.conflict }
    let agreement = agreement(at: now)
    return agreement == .active || agreement == .suspended ? nil : "AGREEMENT_NOT_ACTIVE"
  }
}

extension ReferenceMoney {
  fileprivate mutating func giveBack(_ order: ReferenceOrder) -> String? {
    guard let payer = order.payer else { return nil }
    return carry([.init(debit: own.escrow, credit: payer, amount: order.total)])
  }

  fileprivate mutating func payOut(
    _ order: inout ReferenceOrder, refunding refund: Int64
  ) -> String? {
    guard !order.isFree, let payer = order.payer else { return nil }
    let parts = order.parts
    let given = ReferenceDivision.parts(of: refund, by: parts)
    let rest = zip(parts, given).map { $0 - $1 }
    var moves: [Move] = []
    if refund > 0 { moves.append(Move(debit: own.escrow, credit: payer, amount: refund)) }
    let receivers = order.shares.map(\.account) + [own.taxOffice]
    for (account, amount) in zip(receivers, rest) where amount > 0 {
      moves.append(Move(debit: own.escrow, credit: account, amount: amount))
    }
    if let reason = carry(moves) { return reason }
    order.payouts = rest.filter { $0 > 0 }
    return nil
  }
}
