import Client
import Foundation
import Model
import RPC
import Stubs
import Synchronization
import TestSupport
import Testing

/// Two instances of settlement as processes of their own.
@Suite(.serialized) struct PartitionProcessTests {
  /// The moments of death follow from the seed, which is printed; NDX_SEED repeats them.
  private let moments = RandomMoments()

  @Test(.timeLimit(.minutes(3)))
  func aKilledInstanceLosesNothingAndTheOtherGoesOn() async throws {
    let pair = try await PartitionPair()
    let survivor = LoadOn(pair.sides[0])
    let victim = LoadOn(pair.sides[1])
    let loads = Task {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for load in [survivor, victim] { group.addTask { try await load.run() } }
        try await group.waitForAll()
      }
    }
    try await victim.waitUntil(acknowledged: 200)
    for round in 1...3 {
      let crossing = Task { try await pair.cross(1_000 * Int64(round)) }
      // Not a wait for anything: the moment of death is to be another one each time.
      try await Task.sleep(for: moments.next(upTo: .milliseconds(20)))
      pair.exchange.kill("settlement-p2")
      let before = survivor.acknowledged.count
      try await survivor.waitUntil(acknowledged: before + 200)
      try await pair.exchange.start()
      try await victim.waitUntil(acknowledged: victim.acknowledged.count + 100)
      try await crossing.value
    }
    survivor.stop()
    victim.stop()
    try await loads.value
    try await pair.waitUntilNothingIsUnderWay(crossings: 3)
    #expect(try await pair.sides[0].missing(survivor.acknowledged).isEmpty)
    #expect(try await pair.sides[1].missing(victim.acknowledged).isEmpty)
    for (side, load) in zip(pair.sides, [survivor, victim]) {
      #expect(try await side.findings().isEmpty)
      #expect(try await side.balance(side.target) == Int64(load.acknowledged.count))
    }
    // Each crossing left one side once and came to the other once.
    #expect(try await pair.sides[0].balance(pair.payer) == 100_000 - 6_000)
    #expect(try await pair.sides[1].balance(pair.receiverAccount) == 6_000)
    let transit = try await pair.transit()
    #expect(transit.filter { $0 != 0 }.sorted() == [-6_000, 6_000])
    await pair.close()
  }

  @Test(.timeLimit(.minutes(2)))
  func anExchangeThatWasOneBecomesTwo() async throws {
    let exchange = try await LocalExchange()
    let before = try await exchange.ndx(
      "account", "list", "--exchange-owned", "--profile", "auditor", "--output", "json")
    try await exchange.ndx("down")
    let parts = ["--partition", "p1:VND/live,VND/sandbox", "--partition", "p2:USD/live"]
    #expect(try await exchange.ndx.run(["up", "--detach"] + parts).exitCode == 0)
    #expect(try await exchange.ndx("status").contains("settlement-p2"))
    let after = try await exchange.ndx(
      "account", "list", "--exchange-owned", "--profile", "auditor", "--output", "json")
    #expect(after.contains("USD") && !before.contains("USD"))
    #expect(try await exchange.ndx.run(["up", "--detach"] + parts.prefix(2)).exitCode == 2)
    try await exchange.ndx("down")
    #expect(try await exchange.ndx.run(["up", "--detach"] + parts.suffix(2)).exitCode == 2)
    try await exchange.ndx("up", "--detach")
    #expect(try await exchange.ndx("status").contains("settlement-p2"))
  }
}

/// One instance, with accounts of a participant whose money is there.
private struct PartitionSide: Sendable {
  let ledger: LedgerServiceClient
  let owner: ParticipantID
  /// Whence the load takes, and whereto.
  let source: AccountID
  let target: AccountID

  init(_ instance: SettlementInstances.Instance, _ owner: ParticipantID) async throws {
    ledger = LedgerServiceClient(instance.channel)
    self.owner = owner
    source = try await Self.open(ledger, owner, deposit: 1_000_000_000)
    target = try await Self.open(ledger, owner)
  }

  static func open(
    _ ledger: LedgerServiceClient, _ owner: ParticipantID, deposit: Int64 = 0
  ) async throws -> AccountID {
    let id = AccountID.make(at: WallClock.system.now())
    let opened = try await ledger.createAccounts(
      .init(accounts: [
        .init(
          id: id, ownerID: owner, currencyCode: "VND", environment: .live, kind: .participant)
      ]))
    try #require(opened.results[0].created)
    guard deposit > 0 else { return id }
    let own = try await ledger.listAccounts(.init(exchangeOwned: true)).accounts
    let external = own.first { $0.kind == .external && $0.environment == .live }
    let results = try await ledger.submitTransfers(
      .init(transfers: [
        .init(
          id: .make(at: WallClock.system.now()), kind: .post, debitAccountID: external?.id,
          creditAccountID: id, amount: deposit, currencyCode: "VND")
      ])
    ).results
    try #require(results.map(\.outcome) == [.ok])
    return id
  }

  func balance(_ id: AccountID) async throws -> Int64 {
    let account = try await ledger.lookupAccounts(.init(accountIDs: [id])).accounts.first
    return try #require(account.map { $0.creditsPosted - $0.debitsPosted })
  }

  /// Those of these transfers that the ledger does not have.
  func missing(_ ids: [TransferID]) async throws -> Set<TransferID> {
    var missing = Set(ids)
    for start in stride(from: 0, to: ids.count, by: 1_000) {
      let part = Array(ids[start..<min(start + 1_000, ids.count)])
      let found = try await ledger.lookupTransfers(.init(transferIDs: part)).transfers
      missing.subtract(found.compactMap(\.id))
    }
    return missing
  }

  func findings() async throws -> [SettlementV1.LedgerFinding] {
    var findings: [SettlementV1.LedgerFinding] = []
    for try await step in ledger.verifyLedger(.init()) { findings += step.findings }
    return findings
  }
}

/// Transfers of 1 đồng, ten at a time, until it is stopped. What has no answer is sent again under the same ids.
private final class LoadOn: Sendable {
  private struct State {
    var acknowledged: [TransferID] = []
    var isStopped = false
  }

  private let side: PartitionSide
  private let state = Mutex(State())

  init(_ side: PartitionSide) { self.side = side }

  var acknowledged: [TransferID] { state.withLock(\.acknowledged) }

  func stop() { state.withLock { $0.isStopped = true } }

  func run() async throws {
    while !state.withLock(\.isStopped) {
      let transfers = (0..<10).map { _ in
        SettlementV1.Transfer(
          id: .make(at: WallClock.system.now()), kind: .post, debitAccountID: side.source,
          creditAccountID: side.target, amount: 1, currencyCode: "VND")
      }
      let results = try await untilReachable {
        try await self.side.ledger.submitTransfers(.init(transfers: transfers)).results
      }
      guard results.allSatisfy({ $0.outcome == .ok || $0.outcome == .exists }) else {
        throw ExchangeFailure(description: "refused: \(results.map(\.outcome))")
      }
      state.withLock { $0.acknowledged += transfers.compactMap(\.id) }
    }
  }

  func waitUntil(acknowledged count: Int) async throws {
    let end = ContinuousClock.now.advanced(by: .seconds(30))
    while acknowledged.count < count {
      guard ContinuousClock.now < end else {
        throw ExchangeFailure(description: "\(acknowledged.count) of \(count) were acknowledged")
      }
      try await Task.sleep(for: .milliseconds(5))
    }
  }
}

/// Two instances, and a payer in the first with a receiver in the second.
private struct PartitionPair {
  let exchange: LocalExchange
  let officer: ExchangeConnection
  let sides: [PartitionSide]
  let payer: AccountID
  let receiverAccount: AccountID
  private let instances: [SettlementInstances.Instance]

  init() async throws {
    exchange = try await LocalExchange(partitions: [
      "p1:VND/live/000-7ff,VND/sandbox", "p2:VND/live/800-fff",
    ])
    var owners: [ParticipantID?] = [nil, nil]
    for number in 1...24 where owners.contains(nil) {
      let id = try await exchange.admit("party-\(number)", [.consumer])
      owners[IdentityV1.PartitionScope.slot(of: id) < 0x800 ? 0 : 1] = id
    }
    officer = try await exchange.connection("clearing-officer")
    instances = try await officer.settlement.all()
    try #require(instances.map(\.name) == ["p1", "p2"])
    sides = [
      try await PartitionSide(instances[0], try #require(owners[0])),
      try await PartitionSide(instances[1], try #require(owners[1])),
    ]
    payer = try await PartitionSide.open(sides[0].ledger, sides[0].owner, deposit: 100_000)
    receiverAccount = try await PartitionSide.open(sides[1].ledger, sides[1].owner)
  }

  func close() async { await officer.close() }

  func cross(_ amount: Int64) async throws {
    let request = SettlementV1.StartCrossingRequest(
      requestID: .make(at: WallClock.system.now()), debitAccountID: payer,
      receiverID: sides[1].owner, creditAccountID: receiverAccount, amount: amount)
    _ = try await untilReachable {
      try await CrossingServiceClient(instances[0].channel).startCrossing(request)
    }
  }

  /// Throws when money is still under way after half a minute.
  func waitUntilNothingIsUnderWay(crossings count: Int) async throws {
    try await untilReachable(for: .seconds(30)) {
      let crossings = try await CrossingServiceClient(instances[0].channel)
        .listCrossings(.init()).crossings
      guard crossings.count == count, crossings.allSatisfy({ $0.state == .confirmed }) else {
        throw RPCStatus(code: .unavailable, message: "\(crossings.map(\.state))")
      }
    }
  }

  /// What is in transit, in either instance.
  func transit() async throws -> [Int64] {
    var balances: [Int64] = []
    for side in sides {
      let own = try await side.ledger.listAccounts(.init(exchangeOwned: true)).accounts
      balances += own.filter { $0.kind == .inTransit }.map { $0.creditsPosted - $0.debitsPosted }
    }
    return balances
  }
}
