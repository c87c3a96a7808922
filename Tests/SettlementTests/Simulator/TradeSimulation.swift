import Codec
import Foundation
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import TestSupport

/// Drives real orders and clearing windows and a reference with the same random steps, over faults of the disk, deaths
/// and jumps of the clock, and compares what both say. The same seed takes the same steps.
final class TradeSimulation {
  struct Disagreement: Error, CustomStringConvertible {
    let description: String
  }

  /// What the ledger said of a transfer that it refused.
  struct Refusal: Error {
    let reason: String
  }

  let seed: UInt64
  let world: SimulatedMarket
  let time: SimulatedTime
  var random: SplitMix64
  var exchange: SimulatedExchange
  var reference: ReferenceTrades
  /// In the order in which they were placed.
  var placed: [OrderID] = []
  var nextTransfer: UInt64 = 1
  /// The last file of each window, kind and direction.
  var files: [String: SettlementV1.ExportPaymentsResponse] = [:]
  /// What banks have reported.
  var reports: [ReferenceBank.Report] = []
  private var replays: [(Timestamp, () async throws -> Void)] = []
  /// What was asked last, and what came of it.
  private var story: [String] = []
  private(set) var operations = 0
  private(set) var refusals = 0
  private(set) var crashes = 0
  private(set) var faults = 0

  /// Periods after the first that were charged, orders that were paid by use, and payouts that went back.
  var met: (periods: Int, metered: Int, refunds: Int) {
    reference.orders.values.reduce((0, 0, 0)) { sum, order in
      let isCharged = order.isMetered && order.state == .settled && !order.payouts.isEmpty
      return (
        sum.0 + Int((order.renewal?.period ?? 1) - 1), sum.1 + (isCharged ? 1 : 0),
        sum.2 + order.payouts.count { $0.refunded > 0 }
      )
    }
  }

  /// Lines of banks' reports that made payments final, and those that fitted none.
  var read: (matched: Int, unmatched: Int) {
    let outcomes = reference.bank.lines.map(\.outcome)
    return (outcomes.count { $0 == .matched }, outcomes.count { $0 == .unmatched })
  }

  init(seed: UInt64) async throws {
    self.seed = seed
    random = SplitMix64(seed: seed)
    time = SimulatedTime(WallClock.system.now())
    world = try await SimulatedMarket(time.now)
    FaultyFiles.watch(world.directory.path)
    exchange = try await world.open(time.clock)
    reference = try await world.openAccounts(exchange)
  }

  /// Takes so many steps, and checks everything at the end.
  func run(_ count: Int) async throws {
    for index in 1...count {
      try await step()
      if index % 50 == 0 {
        try await compareBalances()
        try await compareInvoices()
      }
    }
    try await compareEverything()
    try await compareInvoices()
    await exchange.close()
    await world.close()
  }

  private func step() async throws {
    switch number(0...99) {
    case 0..<46: try await stepOrder()
    case 46..<52: try await followPeriods()
    case 52..<57: try await report()
    case 57..<60: try await speakOfConsent()
    case 60..<72: try await stepWindow()
    case 72..<80: try await stepBank()
    case 80..<89: try await moveMoney()
    case 89..<91: try await freeze()
    case 91..<94: jump()
    case 94..<98: try await passDeadlines()
    default: try await repeatSomething()
    }
  }

  func chance(_ percent: Int) -> Bool { number(0...99) < percent }

  func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &random) }

  func request() -> RequestID { .make(at: time.now) }

  // MARK: Asking

  /// Asks both and compares. Some calls meet a fault of the disk, or the process dies under them; then, and at times
  /// without, the call is made again: the outcome is one, and what was acknowledged stays.
  /// - Parameter overdue: an order that is ended first if its time is over, and stays so when the rest is refused.
  /// - Returns: the answer; nil when both refuse.
  func ask<Answer: WireMessage>(
    _ what: String, isReplayed: Bool = true,
    ending overdue: OrderID? = nil,
    _ expect: (inout ReferenceTrades) -> String?,
    _ call: @escaping (SimulatedExchange) async throws -> Answer
  ) async throws -> Answer? {
    operations += 1
    var next = reference
    var expected = overdue.flatMap { next.enforce($0, at: time.now) }
    let refused = next
    if expected == nil { expected = expect(&next) }
    let answer: Outcome<Answer>
    if chance(4), let fault = FaultyFiles.Fault.allCases.randomElement(using: &random) {
      answer = try await self.answer(to: call, under: fault, what, isReplayed: isReplayed)
    } else {
      answer = try await self.answer(to: call)
      if chance(5) {
        let again = try await self.answer(to: call)
        try require(answer == again, "\(what) has another outcome when it is repeated")
      }
    }
    story.append("\(time.now): \(what): \(answer.reason ?? "accepted")")
    if story.count > 20 { story.removeFirst() }
    try require(
      answer.reason == expected,
      "\(what) is \(answer.reason ?? "accepted") instead of \(expected ?? "accepted")")
    guard case .given(let given, let bytes) = answer else {
      refusals += 1
      reference = refused
      try await compareBalances()
      return nil
    }
    reference = next
    guard isReplayed else { return given }
    replays.append(
      (
        time.now,
        { [self] in
          let again = try await call(exchange)
          try require(again.serialized() == bytes, "the replay of \(what) differs")
        }
      ))
    if replays.count > 40 { replays.removeFirst() }
    return given
  }

  private enum Outcome<Answer>: Equatable {
    case given(Answer, [UInt8])
    case refused(String)

    var reason: String? {
      if case .refused(let reason) = self { reason } else { nil }
    }

    static func == (one: Outcome, other: Outcome) -> Bool {
      switch (one, other) {
      case (.given(_, let bytes), .given(_, let others)): bytes == others
      case (.refused(let reason), .refused(let another)): reason == another
      default: false
      }
    }
  }

  private func answer<Answer: WireMessage>(
    to call: (SimulatedExchange) async throws -> Answer
  ) async throws -> Outcome<Answer> {
    do {
      let given = try await call(exchange)
      return .given(given, given.serialized())
    } catch let refusal as Refusal {
      return .refused(refusal.reason)
    } catch let status as RPCStatus {
      // A refusal that is remembered is told as it was sent.
      guard let reason = status.details?.reason else { throw status }
      return .refused(reason)
    } catch let error as any DomainError where !(error is RuntimeError) {
      return .refused(error.reason)
    }
  }

  private func answer<Answer: WireMessage>(
    to call: (SimulatedExchange) async throws -> Answer, under fault: FaultyFiles.Fault,
    _ what: String, isReplayed: Bool
  ) async throws -> Outcome<Answer> {
    faults += 1
    story.append("\(fault) at \(what)")
    FaultyFiles.arm(fault, after: number(0...14))
    var before: Outcome<Answer>?
    do { before = try await answer(to: call) } catch is RuntimeError {}
    if fault.isDeath {
      crashes += 1
      await exchange.close()
      FaultyFiles.disarm()
      exchange = try await world.open(time.clock)
    } else {
      FaultyFiles.disarm()
    }
    let after = try await answer(to: call)
    // What is read, or done by time, may get further without the fault.
    try require(
      before == nil || before == after || !isReplayed, "\(what) is lost after \(fault)")
    return after
  }

  /// What was answered in the last hour is answered the same again.
  private func repeatSomething() async throws {
    let fresh = replays.filter { $0.0.adding(seconds: 3_600) > time.now && $0.0 <= time.now }
    try await fresh.randomElement(using: &random)?.1()
  }

  func require(_ condition: Bool, _ text: @autoclosure () -> String) throws {
    guard condition else {
      let before = story.suffix(8).joined(separator: "\n")
      throw Disagreement(
        description: "seed \(seed), operation \(operations): \(text())\nafter\n\(before)")
    }
  }

  // MARK: Time

  /// To the moment of a deadline or the one before, or somewhere near.
  private func jump() {
    operations += 1
    let dues =
      reference.orders.values.compactMap { $0.due(at: time.now) }
      + reference.windows.values.compactMap(\.due)
    let periods = reference.orders.values.compactMap { order in
      order.renewal?.next ?? (order.isMetered ? order.due : nil)
    }
    if chance(15), let due = periods.filter({ $0 > time.now }).min() {
      return time.set(due.adding(microseconds: chance(50) ? 0 : -1))
    }
    let coming = (dues + periods).filter { $0 > time.now }.sorted().prefix(3)
    if chance(50), let due = coming.randomElement(using: &random) {
      time.set(due.adding(microseconds: chance(50) ? 0 : -1))
    } else {
      time.set(time.now.adding(seconds: Int64(number(-15...40))))
    }
  }

  func passDeadlines() async throws {
    let now = time.now
    let placed = placed
    _ = try await ask("the timekeeper", isReplayed: false) { reference in
      for id in reference.orders.keys { _ = reference.enforce(id, at: now) }
      for id in reference.windows.keys { reference.windows[id]?.passDeadline(at: now) }
      reference.renewDue(placed, at: now)
      return nil
    } _: { exchange in
      try await exchange.passDeadlines()
      return SettlementV1.TransferResult(outcome: .ok)
    }
  }
}
