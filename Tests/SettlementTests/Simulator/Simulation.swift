import Codec
import Foundation
import Model
import RPC
import ServiceRuntime
import TestSupport

/// Drives the real ledger and the reference with the same random operations and compares what both say.
/// The same seed gives the same operations.
final class Simulation {
  struct Disagreement: Error, CustomStringConvertible {
    let description: String
  }

  private let directory: TemporaryDirectory
  private let seed: UInt64
  private let time = SimulatedTime(LedgerScenario.now)
  private var ledger: SimulatedLedger
  private var reference = ReferenceLedger()
  private var generator: TransferGenerator
  private var sent: [[SettlementV1.Transfer]] = []
  private var lastChange: (AccountID, ReferenceLedger.Change, RequestID, SettlementV1.Account)?
  /// Transfers, changes of accounts, jumps of the clock and faults so far.
  private(set) var operations = 0
  private(set) var crashes = 0
  private(set) var faults = 0
  /// The latest time at which a batch was committed.
  private var latest = Timestamp.earliest

  init(seed: UInt64) throws {
    self.seed = seed
    directory = try TemporaryDirectory()
    FaultyFiles.watch(directory.path)
    generator = TransferGenerator(SplitMix64(seed: seed))
    ledger = try SimulatedLedger(at: directory.file("settlement.sqlite"), clock: time.clock)
  }

  /// Runs until at least so many operations were done, and checks everything at the end.
  func run(_ count: Int) async throws {
    try await openFirstAccounts()
    var steps = 0
    while operations < count {
      try await step()
      steps += 1
      if steps % 40 == 0 { try await compareAccounts() }
    }
    try await compareEverything()
    await ledger.close()
  }

  private func step() async throws {
    switch generator.number(0...99) {
    case 0..<55: try await submit(generator.batch(12))
    case 55..<68: try await submitSideBySide(generator.number(2...6))
    case 68..<78:
      if let old = sent.randomElement(using: &generator.random) { try await submit(old) }
    case 78..<83:
      if let old = sent.randomElement(using: &generator.random) {
        try await submit(old.map { generator.spoilt($0) })
      }
    case 83..<89: jump()
    case 89..<95: try await changeAccount()
    case 95: try await openAccount()
    default: try await fail()
    }
  }

  // MARK: Operations

  private func submit(_ batch: [SettlementV1.Transfer]) async throws {
    operations += batch.count
    let response = try await ledger.submit(batch)
    try check(batch, response)
    remember(batch)
  }

  /// Requests that share commits, one of them perhaps twice. They are told apart by the time of each.
  private func submitSideBySide(_ count: Int) async throws {
    let batches = sideBySide(count)
    let answers = try await sendSideBySide(batches)
    for (batch, answer) in try answers.map({ ($0, try $1.get()) }).sorted(by: Self.inTime) {
      try check(batch, answer)
    }
    batches.forEach(remember)
  }

  private func sideBySide(_ count: Int) -> [[SettlementV1.Transfer]] {
    var batches = (0..<count).map { _ in generator.batch(5) }
    if generator.chance(30) { batches.append(batches[0]) }
    operations += batches.map(\.count).reduce(0, +)
    return batches
  }

  private typealias Answer = (
    [SettlementV1.Transfer], Result<SettlementV1.SubmitTransfersResponse, any Error>
  )

  private func sendSideBySide(_ batches: [[SettlementV1.Transfer]]) async throws -> [Answer] {
    time.tick(true)
    defer { time.tick(false) }
    return await withTaskGroup(of: Answer.self) { [ledger] group in
      for batch in batches {
        group.addTask {
          do { return (batch, .success(try await ledger.submit(batch))) } catch {
            return (batch, .failure(error))
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
  }

  private static func inTime(
    _ one: ([SettlementV1.Transfer], SettlementV1.SubmitTransfersResponse),
    _ other: ([SettlementV1.Transfer], SettlementV1.SubmitTransfersResponse)
  ) -> Bool {
    (one.1.commitTime ?? .earliest) < (other.1.commitTime ?? .earliest)
  }

  /// Forward, back, and to the very moment at which a hold expires or the one before.
  private func jump() {
    operations += 1
    let moments = reference.pending.values.compactMap(\.expires).sorted()
    if generator.chance(60), let moment = moments.randomElement(using: &generator.random) {
      time.set(moment.adding(microseconds: generator.chance(50) ? 0 : -1))
    } else {
      time.set(time.now.adding(seconds: Int64(generator.number(-15...20))))
    }
  }

  private func changeAccount() async throws {
    guard let id = generator.accounts.randomElement(using: &generator.random) else { return }
    operations += 1
    let change: ReferenceLedger.Change
    switch generator.number(0...9) {
    case 0..<2: change = .freeze
    case 2..<7: change = .unfreeze
    case 7: change = .close
    default: change = .cap(Int64(generator.number(0...3_000)))
    }
    let request = RequestID.make(at: time.now)
    let expected = reference.change(id, change, at: time.now)
    do {
      let account = try await ledger.change(id, change, request)
      try require(expected == nil, "\(change) of \(id) was accepted instead of \(expected ?? "")")
      lastChange = (id, change, request, account)
    } catch let error as any DomainError {
      try require(
        expected == error.reason,
        "\(change) of \(id): \(error.reason) instead of \(expected ?? "accepted")")
    }
  }

  // MARK: Faults

  /// A batch or a few meet a fault of the disk, or the process dies among them.
  private func fail() async throws {
    guard let fault = FaultyFiles.Fault.allCases.randomElement(using: &generator.random) else {
      return
    }
    faults += 1
    // The ledger writes no transfer down as earlier than the one before; here the time tells requests apart.
    time.set(max(time.now, latest))
    let batches = sideBySide(generator.number(1...4))
    FaultyFiles.arm(fault, after: generator.number(0...14))
    let answers = try await sendSideBySide(batches)
    if fault.isDeath {
      try await reopen()
    } else {
      FaultyFiles.disarm()
    }
    try await settle(answers, isAfterCrash: fault.isDeath)
    // Everything again: what was acknowledged is there, what was not happens now.
    for batch in batches { try await submit(batch) }
    try await compareAccounts()
    try await repeatLastChange()
  }

  private func reopen() async throws {
    crashes += 1
    await ledger.close()
    FaultyFiles.disarm()
    ledger = try SimulatedLedger(at: directory.file("settlement.sqlite"), clock: time.clock)
  }

  /// Lets the reference do what the ledger did: what it acknowledged and, after a crash, what had reached
  /// the file although nobody was told.
  private func settle(_ answers: [Answer], isAfterCrash: Bool) async throws {
    var done: [Timestamp: ([SettlementV1.Transfer], SettlementV1.SubmitTransfersResponse?)] = [:]
    for case (let batch, .success(let response)) in answers {
      done[response.commitTime ?? .earliest] = (batch, response)
    }
    for case (let batch, .failure(let error)) in answers {
      try require(error is RuntimeError, "a fault of the disk was told as \(error)")
      guard isAfterCrash else { continue }
      let ids = batch.compactMap(\.id).filter { reference.decisions[$0] == nil }
      guard let moment = try await ledger.timeOfAny(of: ids) else { continue }
      if done[moment] == nil { done[moment] = (batch, nil) }
    }
    for (moment, (batch, response)) in done.sorted(by: { $0.key < $1.key }) {
      if let response {
        try check(batch, response)
      } else {
        _ = reference.submit(batch, at: moment)
      }
    }
  }

  /// A replay is byte-identical.
  private func repeatLastChange() async throws {
    guard let (id, change, request, account) = lastChange else { return }
    let again = try await ledger.change(id, change, request)
    try require(again.serialized() == account.serialized(), "the replay of \(change) differs")
  }

  // MARK: Every commit point

  /// Plays a short story, the same for the same seed, and dies at the write or fsync that comes after `count`
  /// others: within a commit or in the checkpoint at the end. Everything acknowledged must then be there, and
  /// everything can be repeated. Returns whether the story was long enough to die.
  func runDying(after count: Int) async throws -> Bool {
    try await openFirstAccounts()
    let batches = (0..<4).map { _ in generator.batch(4) }
    let frozen = AccountID(high: 1, low: 6)
    let request = RequestID.make(at: time.now)
    FaultyFiles.arm(.deathWithin, after: count)
    let answers = await tellUntilDeath(batches)
    var freezing: SettlementV1.Account?
    if case .success = answers.last?.1 {
      freezing = try? await ledger.change(frozen, .freeze, request)
    }
    await ledger.close()
    let hasDied = FaultyFiles.disarm()
    ledger = try SimulatedLedger(at: directory.file("settlement.sqlite"), clock: time.clock)
    try await settle(answers, isAfterCrash: true)
    let isFrozen = try await ledger.lookup([frozen]).first?.state == .frozen
    try require(isFrozen || freezing == nil, "an acknowledged change of an account is lost")
    if isFrozen { _ = reference.change(frozen, .freeze, at: time.now) }
    try await compareAccounts()
    for batch in batches { try await submit(batch) }
    let again = try await ledger.change(frozen, .freeze, request)
    if !isFrozen { _ = reference.change(frozen, .freeze, at: time.now) }
    try require(
      freezing.map { $0.serialized() == again.serialized() } ?? true, "the replay differs")
    try await compareEverything()
    await ledger.close()
    return hasDied
  }

  /// Submits batches, a second apart, until one has no answer.
  private func tellUntilDeath(_ batches: [[SettlementV1.Transfer]]) async -> [Answer] {
    var answers: [Answer] = []
    for batch in batches {
      time.set(time.now.adding(seconds: 1))
      do { answers.append((batch, .success(try await ledger.submit(batch)))) } catch {
        return answers + [(batch, .failure(error))]
      }
    }
    return answers
  }

  // MARK: Comparing

  private func check(
    _ batch: [SettlementV1.Transfer], _ response: SettlementV1.SubmitTransfersResponse
  ) throws {
    let now = response.commitTime ?? .earliest
    latest = max(latest, now)
    let expected = reference.submit(batch, at: now)
    try require(response.results.count == expected.count, "a result is missing")
    for (index, (result, wanted)) in zip(response.results, expected).enumerated() {
      try require(
        result == wanted,
        "\(batch[index]) at \(now): \(result) instead of \(wanted), item \(index) of \(batch.count)"
      )
    }
  }

  private func compareAccounts() async throws {
    var sums: [String: Int128] = [:]
    for account in try await ledger.lookup(Array(reference.accounts.keys)) {
      let wanted = reference.balance(account.id, at: time.now)
      let found = ReferenceLedger.Balance(
        debits: Int128(account.debitsPosted), heldDebits: Int128(account.debitsPending),
        credits: Int128(account.creditsPosted), heldCredits: Int128(account.creditsPending))
      try require(
        found == wanted, "\(account.id) has \(found) instead of \(String(describing: wanted))")
      let known = reference.accounts[account.id]
      try require(
        account.state == known?.state && account.netDebitCap == known?.cap,
        "\(account.id) is \(account.state) with cap \(account.netDebitCap)")
      let left = found.credits - found.debits - found.heldDebits
      let floor = account.overdraftAllowed ? -Int128(account.netDebitCap) : 0
      let isFree = account.overdraftAllowed && account.netDebitCap == 0
      try require(isFree || left >= floor, "\(account.id) is at \(left), below \(floor)")
      sums["\(account.currencyCode) \(account.environment)", default: 0] +=
        found.credits - found.debits
    }
    try require(sums.values.allSatisfy { $0 == 0 }, "balances do not sum to 0: \(sums)")
  }

  private func compareEverything() async throws {
    try await submit(generator.batch(1))
    try await compareAccounts()
    for (id, account) in reference.accounts where account.hasHistory {
      let history = try await ledger.history(id)
      try require(history == account.history, "the history of \(id) differs")
    }
    let gapless = try await ledger.outboxIsGapless()
    try require(gapless, "the outbox has a gap")
    let findings = try await ledger.findings()
    try require(findings.isEmpty, "VerifyLedger finds \(findings.prefix(5))")
  }

  private func require(_ condition: Bool, _ text: @autoclosure () -> String) throws {
    guard condition else {
      throw Disagreement(description: "seed \(seed), operation \(operations): \(text())")
    }
  }

  // MARK: Accounts

  private func openFirstAccounts() async throws {
    for environment in [TypeV1.Environment.live, .sandbox] {
      try await open("VND", environment, .external)
    }
    try await open("USD", .live, .external)
    for number in 0..<8 { try await open("VND", .live, .participant, cap: number < 2 ? 2_000 : 0) }
    try await open("VND", .sandbox, .participant)
    try await open("USD", .live, .participant)
  }

  private func openAccount() async throws {
    guard reference.accounts.count < 60 else { return }
    operations += 1
    try await open(
      "VND", generator.chance(80) ? .live : .sandbox, .participant,
      cap: generator.chance(20) ? 1_000 : 0)
  }

  private func open(
    _ currency: String, _ environment: TypeV1.Environment, _ kind: SettlementV1.AccountKind,
    cap: Int64 = 0
  ) async throws {
    let number = UInt64(reference.accounts.count + 1)
    let mayOverdraw = kind == .external || cap > 0
    let account = SettlementV1.Account(
      id: AccountID(high: 1, low: number),
      ownerID: kind == .participant ? ParticipantID(high: 2, low: number) : nil,
      currencyCode: currency, environment: environment, kind: kind, overdraftAllowed: mayOverdraw,
      netDebitCap: cap, history: generator.chance(30))
    let result = try await ledger.open(account)
    try require(result?.created == true, "\(account.id) was not opened: \(result?.reason ?? "")")
    reference.accounts[account.id] = ReferenceLedger.Account(
      currency: currency, environment: environment, kind: kind, mayOverdraw: mayOverdraw, cap: cap,
      hasHistory: account.history)
    // The first bank is in most transfers, as in life.
    generator.accounts += Array(repeating: account.id, count: number == 1 ? 6 : 1)
  }

  private func remember(_ batch: [SettlementV1.Transfer]) {
    sent.append(batch)
    if sent.count > 200 { sent.removeFirst() }
  }
}
