import Codec
import GRDB
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore
import TestSupport

@testable import SettlementAPI

/// Drives money between two real partitions and a reference with the same random steps, over messages that are lost,
/// repeated and late, faults of the disk, deaths of either side, and two clocks that jump. The same seed takes the same
/// steps.
final class CrossingSimulation {
  struct Disagreement: Error, CustomStringConvertible {
    let description: String
  }

  /// What the ledger said of a transfer that it refused.
  struct Refusal: Error {
    let reason: String
  }

  static let lost = "LOST"

  let seed: UInt64
  let world: SimulatedPartitions
  var random: SplitMix64
  var reference: ReferencePartitions
  var nextTransfer: UInt64 = 1
  var story: [String] = []
  private(set) var operations = 0
  private(set) var crashes = 0
  private(set) var faults = 0
  /// Crossings that ended, by how.
  var ended: (confirmed: Int, returned: Int) {
    let states = reference.crossings.values.map(\.state)
    return (states.count { $0 == .confirmed }, states.count { $0 == .returned })
  }

  init(seed: UInt64) async throws {
    self.seed = seed
    random = SplitMix64(seed: seed)
    world = try await SimulatedPartitions()
    reference = try await world.openAccounts()
  }

  /// Takes so many steps, lets everything arrive, and checks everything.
  func run(_ count: Int) async throws {
    for index in 1...count {
      operations += 1
      try await step()
      try await compareBalances()
      if index % 25 == 0 { try await compareCrossings() }
    }
    try await finish()
    await world.close()
  }

  func step() async throws {
    switch number(0...99) {
    case 0..<24: try await start()
    case 24..<46: try await credit()
    case 46..<58: try await confirm()
    case 58..<66: try await deliverLate()
    case 66..<78: try await moveMoney()
    case 78..<86: try await freeze()
    case 86..<92: jump()
    case 92..<95: try await world.restart([side()])
    default: try await advance(side())
    }
  }

  func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &random) }

  func chance(_ percent: Int) -> Bool { number(0...99) < percent }

  func side() -> Int { number(0...1) }

  // MARK: Asking

  /// Asks both and compares. Some calls meet a fault of the disk, or both sides die under them; then the call is made
  /// again, with nothing lost: what was acknowledged stays, and the outcome is one.
  func ask<Answer: Equatable>(
    _ what: String, _ fate: SimulatedNetwork.Fate = .delivered,
    _ expect: (inout ReferencePartitions, SimulatedNetwork.Fate) -> String?,
    _ call: () async throws -> Answer
  ) async throws -> Answer? {
    var fate = fate
    let outcome: (answer: Answer?, reason: String?)
    if chance(5), let fault = FaultyFiles.Fault.allCases.randomElement(using: &random) {
      fate = .delivered
      world.network.set(fate)
      let before = try await meet(fault, what, call)
      outcome = try await self.outcome(of: call)
      try require(
        before.map { $0 == outcome } ?? true, "\(what) is lost after \(fault)")
    } else {
      world.network.set(fate)
      outcome = try await self.outcome(of: call)
    }
    world.network.set(.delivered)
    story.append("\(what), \(fate): \(outcome.reason ?? "accepted")")
    let expected = expect(&reference, fate)
    try require(
      outcome.reason == expected,
      "\(what), \(fate), is \(outcome.reason ?? "accepted") instead of \(expected ?? "accepted")")
    return outcome.answer
  }

  /// - Returns: what was answered; nil when the fault was told.
  func meet<Answer>(
    _ fault: FaultyFiles.Fault, _ what: String, _ call: () async throws -> Answer
  ) async throws -> (answer: Answer?, reason: String?)? {
    faults += 1
    story.append("\(fault) at \(what)")
    FaultyFiles.arm(fault, after: number(0...14))
    var before: (answer: Answer?, reason: String?)?
    do { before = try await outcome(of: call) } catch is RuntimeError {}
    if fault.isDeath {
      crashes += 1
      try await world.reopen([0, 1]) { FaultyFiles.disarm() }
    } else {
      FaultyFiles.disarm()
    }
    return before
  }

  func outcome<Answer>(
    of call: () async throws -> Answer
  ) async throws -> (answer: Answer?, reason: String?) {
    do { return (try await call(), nil) } catch is SimulatedNetwork.Lost {
      return (nil, Self.lost)
    } catch let refusal as Refusal {
      return (nil, refusal.reason)
    } catch let status as RPCStatus {
      guard let reason = status.details?.reason else { throw status }
      return (nil, reason)
    } catch let error as any DomainError where !(error is RuntimeError) {
      return (nil, error.reason)
    }
  }

  func require(_ condition: Bool, _ text: @autoclosure () -> String) throws {
    guard condition else {
      let before = story.suffix(10).joined(separator: "\n")
      throw Disagreement(
        description: "seed \(seed), operation \(operations): \(text())\nafter\n\(before)")
    }
  }

  // MARK: Crossings

  func start() async throws {
    let origin = side()
    let wallets = reference.wallets
    guard let debit = wallets[origin].flatMap(\.self).randomElement(using: &random) else { return }
    let receiver = number(0...wallets[0].count - 1)
    let credit: AccountID? =
      switch number(0...9) {
      case 0..<4: nil
      case 4..<9: wallets[1 - origin][receiver].randomElement(using: &random)
      // Another's, or none at all.
      default: wallets[1 - origin][(receiver + 1) % wallets[0].count][0]
      }
    let amount = Int64(number(1...4_000))
    let request = SettlementV1.StartCrossingRequest(
      requestID: .make(at: world.times[origin].now), debitAccountID: debit,
      receiverID: world.participant(receiver, of: 1 - origin), creditAccountID: credit,
      amount: amount)
    let started = try await ask("\(amount) from \(debit) to \(receiver) across") { reference, _ in
      reference.start(from: debit, on: origin, amount: amount)
    } _: { [world] in
      try await world.instances[origin].crossings.startCrossing(request, world.officer).crossing
    }
    guard let started else { return }
    try require(
      started.state == .held && started.destination == world.names[1 - origin],
      "\(started) is not held for the other side")
    reference.note(
      .init(
        id: started.id, origin: origin, debit: debit, receiver: receiver, credit: credit,
        amount: amount))
  }

  func credit() async throws {
    let origin = side()
    // At times one of long ago, about which nothing is to be done.
    let candidates = chance(85) ? reference.open(from: origin).filter { $0.state == .held } : nil
    let any = reference.crossings.values.filter { $0.origin == origin }.sorted { $0.id < $1.id }
    guard let id = (candidates ?? any).randomElement(using: &random)?.id else { return }
    let crossing = try await stored(id, on: origin)
    _ = try await ask("the credit of \(id)", fate()) { reference, fate in
      if fate == .requestLost { return Self.lost }
      reference.decide(id)
      return fate == .answerLost ? Self.lost : reference.settle(id)
    } _: { [world] in
      try await world.relay(origin).credit(crossing)
      return true
    }
  }

  func confirm() async throws {
    let origin = side()
    let candidates = reference.open(from: origin).filter { $0.state == .credited }
    guard let id = candidates.randomElement(using: &random)?.id else { return }
    let crossing = try await stored(id, on: origin)
    _ = try await ask("the confirmation of \(id)", fate()) { reference, fate in
      if fate == .requestLost { return Self.lost }
      if let reason = reference.cover(id) { return reason }
      if fate == .answerLost { return Self.lost }
      reference.confirm(id)
      return nil
    } _: { [world] in
      try await world.relay(origin).confirm(crossing)
      return true
    }
  }

  /// What was said long ago arrives, perhaps again: what was decided is said again, to the byte.
  func deliverLate() async throws {
    guard let message = world.network.messages.randomElement(using: &random) else { return }
    let id = message.crossing
    let answer = try await ask("late news of \(id)") { reference, _ in
      if case .confirm = message.content { return reference.cover(id) }
      reference.decide(id)
      return nil
    } _: { [world] in
      try await world.network.deliver(message)
    }
    guard case .credit = message.content, let answer else { return }
    let isCredited = reference.crossings[id]?.decision == .credited
    try require(
      answer?.credited == isCredited && message.answer.map { $0 == answer } ?? true,
      "\(id) is answered with \(String(describing: answer)) now")
  }

  func fate() -> SimulatedNetwork.Fate {
    chance(50) ? .delivered : SimulatedNetwork.Fate.allCases.randomElement(using: &random) ?? .twice
  }

  /// What the relay does by itself.
  func advance(_ origin: Int) async throws {
    // What fails is left for later, also when the disk was the cause: then its answer says nothing.
    var (left, expected) = (0, 0)
    _ = try await ask("the relay of \(origin)") { reference, _ in
      expected = reference.advance(from: origin)
      return nil
    } _: { [world] in
      left = try await world.relay(origin).advance()
      return true
    }
    try require(left == expected, "the relay has \(left) left instead of \(expected)")
  }

  func stored(_ id: TransferID, on side: Int) async throws -> Crossing {
    let found = try await world.instances[side].database.read { try CrossingTable($0).find(id) }
    guard let found else {
      throw Disagreement(description: "seed \(seed), operation \(operations): \(id) is gone")
    }
    return found
  }
}
