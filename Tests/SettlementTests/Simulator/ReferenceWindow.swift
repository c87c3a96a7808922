import Model

/// One clearing window, as the design describes it.
struct ReferenceWindow {
  typealias State = SettlementV1.WindowState

  struct Leg {
    let member: Int
    let account: AccountID
    /// What the member gets; it pays when this is negative.
    let net: Int64
    var isHeld = false
    /// Whether a bank was asked for it, and has not set it back.
    var isSent = false
    var isFinal = false
    /// What names it in every file.
    var reference = ""
    /// The bank's own reference, once it is final.
    var proof = ""
  }

  let id: WindowID
  let model: SettlementV1.SettlementModel
  /// The first of the postings in it.
  let first: Int
  var state = State.open
  var nets: [AccountID: Int128] = [:]
  var legs: [Leg] = []
  var due: Timestamp?

  var areInsOpen: Bool { legs.contains { $0.net < 0 && !$0.isFinal } }
  /// Whether money may have left.
  var isAnyOutSent: Bool { legs.contains { $0.net > 0 && ($0.isSent || $0.isFinal) } }

  func state(at now: Timestamp) -> State {
    guard state == .settling, let due, now >= due, areInsOpen, !isAnyOutSent else { return state }
    return .aborted
  }

  mutating func passDeadline(at now: Timestamp) {
    guard state(at: now) != state else { return }
    (state, due) = (.aborted, nil)
  }

  mutating func notePayment() {
    guard state == .settling else { return }
    if !areInsOpen { due = nil }
    if legs.allSatisfy(\.isFinal) { (state, due) = (.settled, nil) }
  }
}

extension ReferenceTrades {
  private static let windowConflict = "WINDOW_STATE_CONFLICT"

  mutating func change(
    _ id: WindowID, at now: Timestamp,
    _ body: (inout ReferenceWindow, inout ReferenceMoney) -> String?
  ) -> String? {
    guard var window = windows[id] else { return "WINDOW_NOT_FOUND" }
    var money = money
    window.passDeadline(at: now)
    if let reason = body(&window, &money) { return reason }
    windows[id] = window
    self.money = money
    return nil
  }

  /// Closes the open window of a model and opens the next.
  mutating func close(_ model: SettlementV1.SettlementModel, next: WindowID, members: [AccountID]) {
    guard var window = openWindows[model] else { return }
    for posting in money.postings[window.first...]
    where !posting.settlesWindow && posting.isNet == (model == .net) {
      window.nets[posting.debit, default: 0] -= Int128(posting.amount)
      window.nets[posting.credit, default: 0] += Int128(posting.amount)
    }
    if model == .net {
      for (member, account) in members.enumerated() {
        guard money.members.contains(account), let net = window.nets[account], net != 0 else {
          continue
        }
        var leg = ReferenceWindow.Leg(member: member, account: account, net: Int64(net))
        if net > 0 { leg.isHeld = money.setAside(leg) == nil }
        window.legs.append(leg)
      }
    }
    window.state = window.legs.isEmpty ? .settled : .closed
    windows[window.id] = window
    openWindows[model] = ReferenceWindow(id: next, model: model, first: money.postings.count)
  }

  mutating func start(_ id: WindowID, at now: Timestamp) -> String? {
    change(id, at: now) { window, money in
      guard window.state == .closed else { return Self.windowConflict }
      window.state = .settling
      window.due = now.adding(seconds: SimulatedExchange.payInSeconds)
      for index in window.legs.indices
      where window.legs[index].net > 0 && !window.legs[index].isHeld {
        if let reason = money.setAside(window.legs[index]) { return reason }
        window.legs[index].isHeld = true
      }
      window.notePayment()
      return nil
    }
  }

  mutating func confirm(
    _ id: WindowID, of member: Int, by proof: String, at now: Timestamp
  ) -> String? {
    change(id, at: now) { window, money in
      guard let index = window.legs.firstIndex(where: { $0.member == member }) else {
        return "LEG_NOT_FOUND"
      }
      let leg = window.legs[index]
      if leg.isFinal { return "LEG_FINAL" }
      let isDue = window.state == .settling || (leg.net < 0 && window.state == .aborted)
      guard isDue else { return Self.windowConflict }
      if leg.net > 0, window.areInsOpen { return "PAY_INS_MISSING" }
      let (hub, outside) = (money.own.hub, money.own.outside)
      let moves: [ReferenceMoney.Move] =
        leg.net < 0
        ? [
          .init(debit: outside, credit: hub, amount: -leg.net, settlesWindow: true),
          .init(debit: hub, credit: leg.account, amount: -leg.net, settlesWindow: true),
        ]
        : [
          .init(
            kind: .capture, debit: leg.account, credit: hub, amount: leg.net, settlesWindow: true),
          .init(debit: hub, credit: outside, amount: leg.net, settlesWindow: true),
        ]
      if let reason = money.carry(moves) { return reason }
      window.legs[index].isFinal = true
      window.legs[index].proof = proof
      window.notePayment()
      return nil
    }
  }

  mutating func abort(_ id: WindowID, at now: Timestamp) -> String? {
    change(id, at: now) { window, _ in
      guard window.state == .settling else { return Self.windowConflict }
      if window.isAnyOutSent { return "PAY_OUTS_SENT" }
      (window.state, window.due) = (.aborted, nil)
      return nil
    }
  }

  mutating func reopen(_ id: WindowID, at now: Timestamp) -> String? {
    change(id, at: now) { window, _ in
      guard window.state == .aborted else { return Self.windowConflict }
      window.state = .closed
      for index in window.legs.indices { window.legs[index].isSent = false }
      return nil
    }
  }
}

extension ReferenceMoney {
  /// Sets aside what a member is to be paid.
  fileprivate mutating func setAside(_ leg: ReferenceWindow.Leg) -> String? {
    carry([
      Move(kind: .hold, debit: leg.account, credit: own.hub, amount: leg.net, settlesWindow: true)
    ])
  }
}
