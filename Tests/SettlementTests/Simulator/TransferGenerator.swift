import Model

/// Random transfers: mostly sound ones, with every way to be wrong among them.
struct TransferGenerator {
  var random: SplitMix64
  var accounts: [AccountID] = []
  private var nextNumber: UInt64 = 1
  private var recentHolds: [TransferID] = []

  init(_ random: SplitMix64) { self.random = random }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

  mutating func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &random) }

  mutating func batch(_ longest: Int) -> [SettlementV1.Transfer] {
    (0..<number(1...longest)).map { _ in transfer() }
  }

  private mutating func transfer() -> SettlementV1.Transfer {
    let kind = kind()
    let resolves = kind == .capture || kind == .release
    let id = TransferID(high: 3, low: nextNumber)
    nextNumber += 1
    var transfer = SettlementV1.Transfer(
      id: id, kind: kind, debitAccountID: resolves && !chance(10) ? nil : account(),
      creditAccountID: resolves && !chance(10) ? nil : account(), amount: amount(kind),
      currencyCode: resolves && !chance(20) ? "" : chance(97) ? "VND" : "USD",
      holdID: resolves ? hold() : nil,
      timeoutSeconds: kind == .hold && chance(80) ? Int32(number(1...40)) : 0,
      linked: chance(12))
    if chance(5) { transfer.orderID = OrderID(high: 5, low: UInt64(number(1...9))) }
    if kind == .hold {
      recentHolds.append(id)
      if recentHolds.count > 60 { recentHolds.removeFirst() }
    }
    if chance(3) { transfer = spoilt(transfer) }
    return transfer
  }

  private mutating func kind() -> SettlementV1.TransferKind {
    switch number(0...99) {
    case 0..<55: .post
    case 55..<75: .hold
    case 75..<90: .capture
    default: .release
    }
  }

  private mutating func amount(_ kind: SettlementV1.TransferKind) -> Int64 {
    if kind == .release { return 0 }
    if kind == .capture, chance(40) { return 0 }
    return chance(2) ? 1_000_000_000_000_000 : Int64(number(1...400))
  }

  private mutating func account() -> AccountID? {
    chance(2)
      ? AccountID(high: 9, low: UInt64(number(1...3))) : accounts.randomElement(using: &random)
  }

  private mutating func hold() -> TransferID? {
    chance(90)
      ? recentHolds.randomElement(using: &random) ?? TransferID(high: 3, low: 1)
      : TransferID(high: 3, low: UInt64(number(1...Int(nextNumber))))
  }

  /// The same transfer with one field changed: malformed or, sent again, another one under its id.
  mutating func spoilt(_ sound: SettlementV1.Transfer) -> SettlementV1.Transfer {
    var transfer = sound
    switch number(0...10) {
    case 0: transfer.amount = [0, -1, 1_000_000_000_000_001].randomElement(using: &random) ?? 0
    case 1: transfer.currencyCode = ["XXX", "", "USD"].randomElement(using: &random) ?? ""
    case 2: transfer.debitAccountID = account()
    case 3: transfer.creditAccountID = nil
    case 4: transfer.timeoutSeconds += 1
    case 5: transfer.kind = kind()
    case 6: transfer.holdID = transfer.holdID == nil ? hold() : nil
    case 7: transfer.linked.toggle()
    case 8: transfer.orderID = OrderID(high: 6, low: 1)
    case 9: transfer.windowID = WindowID(high: 6, low: 2)
    default: transfer.id = chance(50) ? nil : TransferID(high: 0, low: 0)
    }
    return transfer
  }
}
