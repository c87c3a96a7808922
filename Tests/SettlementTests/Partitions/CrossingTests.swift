import GRDB
import Model
import RPC
import ServiceRuntime
@testable import SettlementAPI
import SettlementDomain
import SettlementStore
import Stubs
import TestSupport
import Testing

struct CrossingTests {
  @Test func moneyForAnotherPartitionIsHeldThenCreditedThenCaptured() async throws {
    let both = try await TestPartitions()
    let payer = try await both.account(0, both.participant(of: 0), deposit: 1_000)
    let receiver = both.participant(of: 1)
    let target = try await both.account(1, receiver)
    let crossing = try await both.start(from: payer, to: receiver, 300)
    #expect(crossing.state == .held && crossing.destination == "p2")
    #expect(try await both.balance(0, payer) == 1_000)
    let left = try await both.advance()
    #expect(left == 0)
    #expect(try await both.balance(0, payer) == 700)
    #expect(try await both.balance(1, target) == 300)
    #expect(try await both.stored(crossing.id).state == .confirmed)
    let sums = try await both.sums()
    #expect(sums.all == 0 && sums.transit == 0)
    #expect(try await both.findings() == [])
    let stories = try await both.stories(of: crossing.id)
    #expect(
      stories == [
        ["crossing.started", "crossing.credited", "crossing.confirmed"],
        ["crossing.received", "crossing.covered"],
      ])
    await both.shutdown()
  }

  @Test func refusalOnTheOtherSideReturnsTheMoney() async throws {
    let both = try await TestPartitions()
    let payer = try await both.account(0, both.participant(of: 0), deposit: 1_000)
    let receiver = both.participant(of: 1)
    let frozen = try await both.account(1, receiver)
    try await both.instances[1].service.database.write { db in
      try db.execute(sql: "UPDATE account SET state = 2 WHERE id = ?", arguments: [frozen])
    }
    try await both.restart(1)
    let missing = AccountID(high: 9, low: 9)
    for (target, reason) in [(frozen, "ACCOUNT_FROZEN"), (missing, "CREDIT_ACCOUNT_NOT_FOUND")] {
      let crossing = try await both.start(from: payer, to: receiver, 300, into: target)
      #expect(try await both.advance() == 0)
      let stored = try await both.stored(crossing.id)
      #expect(stored.state == .returned && stored.refusalReason == reason)
      // What was decided is said again, even when the account is in use by then.
      let answer = try await both.credit(crossing)
      #expect(!answer.credited && answer.refusalReason == reason)
    }
    #expect(try await both.balance(0, payer) == 1_000)
    let sums = try await both.sums()
    #expect(sums.all == 0 && sums.transit == 0)
    #expect(try await both.findings() == [])
    await both.shutdown()
  }

  /// Each side is ended and opened again between any two steps, and each step is done twice.
  @Test func crossingSurvivesTheEndOfEitherSideAtEveryStep() async throws {
    let both = try await TestPartitions()
    let payer = try await both.account(0, both.participant(of: 0), deposit: 10_000)
    let receiver = both.participant(of: 1)
    let target = try await both.account(1, receiver)
    var generator = SplitMix64(seed: 41)
    var expected: Int64 = 0
    for round in 0..<6 {
      let amount = Int64.random(in: 1...500, using: &generator)
      expected += amount
      let crossing = try await both.start(from: payer, to: receiver, amount)
      if round & 1 == 1 { try await both.restart(0) }
      if round & 2 == 2 { try await both.restart(1) }
      // The credit is done there and its answer lost.
      let first = try await both.credit(crossing)
      #expect(first.credited)
      if round % 3 == 1 { try await both.restart(1) }
      if round % 3 == 2 { try await both.restart(0) }
      // However long it takes: the hold has no end that could come first.
      both.time.advance(seconds: 300)
      let relay = try both.instances[0].part(CrossingRelay.self)
      try await relay.credit(try await both.stored(crossing.id))
      try await relay.credit(try await both.stored(crossing.id))
      #expect(try await both.stored(crossing.id).state == .credited)
      if round & 1 == 0 { try await both.restart(0) }
      // The confirmation is done there and its answer lost.
      _ = try await CrossingServiceClient(both.instances[1].peer).confirmCrossing(
        SettlementV1.ConfirmCrossingRequest(origin: "p1", crossingID: crossing.id))
      if round & 2 == 0 { try await both.restart(1) }
      #expect(try await both.advance() == 0)
      #expect(try await both.stored(crossing.id).state == .confirmed)
      #expect(try await both.balance(0, payer) == 10_000 - expected)
      #expect(try await both.balance(1, target) == expected)
      let sums = try await both.sums()
      #expect(sums.all == 0 && sums.transit == 0)
    }
    #expect(try await both.findings() == [])
    await both.shutdown()
  }

  @Test func crossingWaitsWhileTheOtherSideIsAway() async throws {
    let both = try await TestPartitions()
    let payer = try await both.account(0, both.participant(of: 0), deposit: 1_000)
    let receiver = both.participant(of: 1)
    let routing = try both.instances[0].part(RoutingSource.self)
    var own = try #require(IdentityV1.Partition(TestPartitions.texts[0]))
    own.addresses = ["127.0.0.1:1"]
    both.directory.set([])
    try await routing.refresh()
    // A table without this instance is one that was not set yet: nothing is decided.
    let error = #expect(throws: SettlementError.self) {
      try Partitions(own: own, routing: routing).destination(of: receiver, .vnd, .live)
    }
    #expect(error?.reason == "DEPENDENCY_UNAVAILABLE")
    both.directory.set([own])
    try await routing.refresh()
    await expectRefusal("PARTITION_UNROUTED") {
      try await both.start(from: payer, to: receiver, 300)
    }
    try await both.restart(1)
    let crossing = try await both.start(from: payer, to: receiver, 300)
    both.directory.set([])
    try await both.instances[0].part(RoutingSource.self).refresh()
    #expect(try await both.advance() == 1)
    #expect(try await both.stored(crossing.id).state == .held)
    try await both.restart(1)
    #expect(try await both.advance() == 0)
    #expect(try await both.stored(crossing.id).state == .confirmed)
    await both.shutdown()
  }

  @Test func clearingHasATransitAccountOfItsOwn() async throws {
    let both = try await TestPartitions()
    let payer = try await both.account(0, both.participant(of: 0), deposit: 1_000)
    _ = try await both.start(from: payer, to: both.participant(of: 1), 300)
    let context = CallContext.own(service: SettlementService.name, work: "CrossingTests")
    let transactor = Transactor(database: both.instances[0].service.database)
    let (hub, transits) = try await transactor.write(context) { transaction in
      (
        try ExchangeAccounts.find(.inTransit, .vnd, .live, transaction).id,
        try PartitionTable(transaction.db).transitAccounts()
      )
    }
    #expect(transits.count == 1 && !transits.contains(hub))
    await both.shutdown()
  }

  @Test func sameIDForOtherMoneyIsRefused() async throws {
    let both = try await TestPartitions()
    let payer = try await both.account(0, both.participant(of: 0), deposit: 1_000)
    let crossing = try await both.start(from: payer, to: both.participant(of: 1), 300)
    #expect(try await both.credit(crossing).credited)
    var other = crossing
    other.amount = Money(currency: .vnd, minorUnits: 301)
    await expectRefusal("CROSSING_DIFFERS", .alreadyExists) { try await both.credit(other) }
    other = crossing
    other.receiverID = both.participant(of: 0)
    await expectRefusal("WRONG_PARTITION") { try await both.credit(other) }
    await expectRefusal("CROSSING_NOT_FOUND", .notFound) {
      try await CrossingServiceClient(both.instances[1].peer).confirmCrossing(
        SettlementV1.ConfirmCrossingRequest(origin: "p1", crossingID: TransferID(high: 3, low: 3)))
    }
    await both.shutdown()
  }

  @Test func moneyInTransitIsNobodysToMove() async throws {
    let both = try await TestPartitions()
    let payer = try await both.account(0, both.participant(of: 0), deposit: 1_000)
    _ = try await both.start(from: payer, to: both.participant(of: 1), 300)
    #expect(try await both.advance() == 0)
    let ledger = both.instances[0].ledger
    let own = try await ledger.listAccounts(SettlementV1.ListAccountsRequest(exchangeOwned: true))
    let transit = try #require(own.accounts.first { $0.kind == .inTransit })
    for (debit, credit) in [(transit.id, payer), (payer, transit.id)] {
      await expectRefusal("TRANSIT_RESERVED", .permissionDenied) {
        try await ledger.submitTransfers(
          SettlementV1.SubmitTransfersRequest(transfers: [
            SettlementV1.Transfer(
              id: .make(at: both.time.now), kind: .post, debitAccountID: debit,
              creditAccountID: credit, amount: 1, currencyCode: "VND")
          ]))
      }
    }
    await both.shutdown()
  }

  @Test func clockThatIsSetBackHoldsNoMoneyUp() async throws {
    let both = try await TestPartitions()
    let payer = try await both.account(0, both.participant(of: 0), deposit: 1_000)
    let crossing = try await both.start(from: payer, to: both.participant(of: 1), 300)
    both.time.advance(seconds: -60)
    #expect(try await both.advance() == 0)
    let stored = try await both.stored(crossing.id)
    #expect(stored.state == .confirmed && stored.updateTime >= stored.createTime)
    await both.shutdown()
  }

  @Test func sandboxMoneyCrossesIntoTheSandboxOnly() async throws {
    let both = try await TestPartitions()
    let payer = try await both.account(0, both.participant(of: 0), deposit: 1_000, .sandbox)
    let receiver = both.participant(of: 1)
    let live = try await both.account(1, receiver)
    let crossing = try await both.start(from: payer, to: receiver, 300, into: live)
    #expect(try await both.advance() == 0)
    let stored = try await both.stored(crossing.id)
    #expect(stored.state == .returned && stored.refusalReason == "ENVIRONMENT_MISMATCH")
    #expect(try await both.balance(1, live) == 0)
    #expect(try await both.findings() == [])
    await both.shutdown()
  }
}

extension TestPartitions {
  /// What the relay of p1 asks of p2.
  func credit(_ crossing: SettlementV1.Crossing) async throws -> SettlementV1.CreditCrossingResponse
  {
    try await CrossingServiceClient(instances[1].peer).creditCrossing(
      SettlementV1.CreditCrossingRequest(origin: "p1", crossing: crossing))
  }

  func stories(of id: TransferID) async throws -> [[String]] {
    var stories: [[String]] = []
    for instance in instances {
      stories.append(
        try await instance.service.database.read { try OutboxStory.read("crossing/\(id)", $0) })
    }
    return stories
  }
}
