import Model

/// Money on its way between two partitions, as the design describes it: set aside here, decided there for good, captured
/// or released here, confirmed there.
struct ReferencePartitions {
  struct Crossing {
    enum Decision: Hashable {
      case credited
      case refused(String)
    }
    let id: TransferID
    /// The side where it begins.
    let origin: Int
    let debit: AccountID
    /// The number of the participant on the other side.
    let receiver: Int
    /// Nil for the receiver's oldest account that is open.
    let credit: AccountID?
    let amount: Int64
    var state = SettlementV1.CrossingState.held
    var decision: Decision?
    /// Whether the other side knows that the money has left this one.
    var isCovered = false
  }

  /// The money of each side.
  var sides: [ReferenceMoney]
  /// The account of each side for what is on its way to or from the other.
  let transit: [AccountID]
  /// The accounts of each participant of each side, oldest first.
  let wallets: [[[AccountID]]]
  var crossings: [TransferID: Crossing] = [:]
  /// In the order in which they began.
  private(set) var begun: [TransferID] = []

  init(_ sides: [ReferenceMoney], transit: [AccountID], wallets: [[[AccountID]]]) {
    self.sides = sides
    self.transit = transit
    self.wallets = wallets
  }

  /// Those of a side on which something is still to be done.
  func open(from origin: Int) -> [Crossing] {
    begun.compactMap { crossings[$0] }.filter {
      $0.origin == origin && ($0.state == .held || $0.state == .credited)
    }
  }

  // MARK: Where it begins

  mutating func start(
    from debit: AccountID, on side: Int, amount: Int64
  ) -> String? {
    sides[side].carry([
      .init(kind: .hold, debit: debit, credit: transit[side], amount: amount)
    ])
  }

  mutating func note(_ crossing: Crossing) {
    crossings[crossing.id] = crossing
    begun.append(crossing.id)
  }

  /// Does what the other side has decided. While the account is frozen the money stays set aside.
  mutating func settle(_ id: TransferID) -> String? {
    guard var crossing = crossings[id], crossing.state == .held, let decision = crossing.decision
    else { return nil }
    var money = sides[crossing.origin]
    let kind: ReferenceMoney.Kind = decision == .credited ? .capture : .release
    if let reason = money.carry([
      .init(
        kind: kind, debit: crossing.debit, credit: transit[crossing.origin],
        amount: crossing.amount)
    ]) {
      return reason
    }
    sides[crossing.origin] = money
    crossing.state = decision == .credited ? .credited : .returned
    crossings[id] = crossing
    return nil
  }

  /// Notes that the other side has been told.
  mutating func confirm(_ id: TransferID) {
    if crossings[id]?.state == .credited { crossings[id]?.state = .confirmed }
  }

  // MARK: Where it goes

  /// Decides once, by what the receiver's account is at that moment.
  mutating func decide(_ id: TransferID) {
    guard var crossing = crossings[id], crossing.decision == nil else { return }
    let side = 1 - crossing.origin
    let own = wallets[side][crossing.receiver]
    let target = own.first { account in
      crossing.credit.map { $0 == account } ?? (sides[side].accounts[account]?.isFrozen == false)
    }
    if let target {
      let refusal = sides[side].carry([
        .init(debit: transit[side], credit: target, amount: crossing.amount)
      ])
      crossing.decision = refusal.map(Crossing.Decision.refused) ?? .credited
    } else {
      crossing.decision = .refused("CREDIT_ACCOUNT_NOT_FOUND")
    }
    crossings[id] = crossing
  }

  /// Hears that the money has left the side where it began.
  mutating func cover(_ id: TransferID) -> String? {
    guard crossings[id]?.decision == .credited else { return "CROSSING_NOT_FOUND" }
    crossings[id]?.isCovered = true
    return nil
  }

  /// What the relay of a side does when nothing is lost. Returns how many are not over.
  mutating func advance(from origin: Int) -> Int {
    var left = 0
    for crossing in open(from: origin) {
      decide(crossing.id)
      guard settle(crossing.id) == nil else {
        left += 1
        continue
      }
      if crossings[crossing.id]?.state == .credited {
        _ = cover(crossing.id)
        confirm(crossing.id)
      }
    }
    return left
  }

  /// What was credited on one side and has not left the other: what transit accounts are short of zero by.
  var underWay: Int128 {
    crossings.values.filter { $0.state == .held && $0.decision == .credited }
      .reduce(0) { $0 + Int128($1.amount) }
  }
}
