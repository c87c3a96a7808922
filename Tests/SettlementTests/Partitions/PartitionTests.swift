import Model
import RPC
import ServiceRuntime
@testable import SettlementAPI
import SettlementDomain
import SettlementStore
import Stubs
import TestSupport
import Testing

struct PartitionTests {
  @Test func instanceRefusesWhatIsAnothersAndNamesTheOwner() async throws {
    let both = try await TestPartitions()
    let ledger = both.instances[0].ledger
    do {
      _ = try await ledger.createAccounts(
        SettlementV1.CreateAccountsRequest(accounts: [
          SettlementV1.Account(
            id: .make(at: both.time.now), ownerID: both.participant(of: 1), currencyCode: "VND",
            environment: .live, kind: .participant)
        ]))
      Issue.record("was not refused")
    } catch let status as RPCStatus {
      #expect(status.code == .failedPrecondition)
      #expect(status.details?.reason == "WRONG_PARTITION")
      #expect(
        status.details?.metadata == [
          "partition": "p1", "owner": "p2",
          "address": both.instances[1].service.address.description,
        ])
    }
    await expectRefusal("WRONG_PARTITION") {
      try await ledger.createAccounts(
        SettlementV1.CreateAccountsRequest(accounts: [
          SettlementV1.Account(
            id: .make(at: both.time.now), currencyCode: "USD", environment: .live, kind: .external)
        ]))
    }
    await expectRefusal("WRONG_PARTITION") {
      try await ledger.submitTransfers(
        SettlementV1.SubmitTransfersRequest(transfers: [
          SettlementV1.Transfer(
            id: .make(at: both.time.now), kind: .post, debitAccountID: AccountID(high: 1, low: 1),
            creditAccountID: AccountID(high: 1, low: 2), amount: 1, currencyCode: "USD")
        ]))
    }
    await both.shutdown()
  }

  @Test func ordersOfAnothersPayersAreRefused() async throws {
    let market = try await TestMarket(
      partition: TestPartitions.texts[0], consumerID: ParticipantID(high: 1, low: 0x800),
      providerID: ParticipantID(high: 1, low: 0x001))
    await expectRefusal("WRONG_PARTITION") { try await market.place() }
    let order = SettlementV1.PlaceOrderRequest(
      requestID: market.requestID(), offerID: market.offerID, offerEtag: "v1", purpose: "research")
    let unknown = OrderID.make(at: market.time.now)
    await expectRefusal("WRONG_PARTITION") {
      try await market.orders.fundOrder(
        SettlementV1.FundOrderRequest(
          requestID: order.requestID, orderID: unknown, accountID: AccountID(high: 1, low: 1)))
    }
    await expectRefusal("WRONG_PARTITION") {
      try await market.orders.issueGrant(
        SettlementV1.IssueGrantRequest(requestID: order.requestID, orderID: unknown))
    }
    await expectRefusal("WRONG_PARTITION") {
      try await market.orders.acceptDelivery(
        SettlementV1.AcceptDeliveryRequest(requestID: order.requestID, orderID: unknown))
    }
    await expectRefusal("WRONG_PARTITION") {
      try await market.orders.raiseDispute(
        SettlementV1.RaiseDisputeRequest(
          requestID: order.requestID, orderID: unknown, reason: .incomplete, text: "half"))
    }
    await market.shutdown()
  }

  @Test func accountsAndClearingOfAnotherPartitionAreRefused() async throws {
    let both = try await TestPartitions()
    let owner = both.participant(of: 1)
    let stranger = try both.authority.caller([.consumer], participant: owner)
    let channel = try both.instances[0].service.channel(as: stranger)
    let ledger = LedgerServiceClient(channel)
    let account = AccountID.make(at: both.time.now)
    await expectRefusal("WRONG_PARTITION") {
      try await ledger.listTransfers(.init(accountID: account))
    }
    await expectRefusal("WRONG_PARTITION") {
      try await ledger.getBalanceHistory(.init(accountID: account))
    }
    await expectRefusal("WRONG_PARTITION") {
      try await ClearingServiceClient(channel).getStatement(
        .init(accountID: account, format: .csv))
    }
    let clearing = ClearingServiceClient(both.instances[0].staff)
    let request = RequestID.make(at: both.time.now)
    await expectRefusal("WRONG_PARTITION") {
      try await clearing.putMember(
        .init(
          requestID: request,
          member: SettlementV1.Member(
            participantID: owner, accountID: account, name: "A", bankBic: "BFTVVNVX",
            bankAccount: "1")))
    }
    await expectRefusal("WRONG_PARTITION") {
      try await clearing.closeWindow(
        .init(requestID: request, currencyCode: "USD", environment: .live, model: .net))
    }
    await expectRefusal("WRONG_PARTITION") {
      try await clearing.confirmLeg(
        .init(
          requestID: request, windowID: .make(at: both.time.now), participantID: owner,
          bankReference: "FT"))
    }
    // Nothing of that was decided: the same request is good for what is here.
    _ = try await clearing.closeWindow(
      .init(requestID: request, currencyCode: "VND", environment: .live, model: .net))
    await channel.close()
    await both.shutdown()
  }

  @Test func windowsAreOfWhatThePartitionOwns() async throws {
    let service = try await TestService<SettlementService>(settings: [
      "partition": "p1:USD/live"
    ])
    let officer = try service.channel(roles: [.clearingOfficer])
    let clearing = ClearingServiceClient(officer)
    let windows = try await clearing.listWindows(.init()).windows
    #expect(windows.map(\.currencyCode) == ["USD", "USD"])
    #expect(windows.allSatisfy { $0.environment == .live })
    await expectRefusal("WRONG_PARTITION") {
      try await clearing.importStatement(
        .init(
          requestID: .make(at: WallClock.system.now()), environment: .sandbox,
          content: Array("<x/>".utf8)))
    }
    await officer.close()
    await service.shutdown()
  }

  @Test func payoutToAnotherPartitionCrosses() async throws {
    let receiver = ParticipantID(high: 1, low: 0x800)
    let market = try await TestMarket(
      partition: TestPartitions.texts[0], consumerID: ParticipantID(high: 1, low: 0x001),
      providerID: receiver)
    var settings = market.directory.settings
    settings["partition"] = TestPartitions.texts[1]
    let other = try await TestService<SettlementService>(
      authority: market.authority, clock: market.time.clock, settings: settings)
    var partitions = TestPartitions.texts.compactMap { IdentityV1.Partition($0) }
    partitions[0].addresses = [market.service.address.description]
    partitions[1].addresses = [other.address.description]
    market.directory.set(partitions)

    let delivered = try await market.delivered(from: try await market.deposit(5_000_000))
    // Without the table nobody knows where the provider's money is: the order waits.
    await expectRefusal("DEPENDENCY_UNAVAILABLE", .unavailable) {
      try await market.accept(delivered)
    }
    let routing = try #require(
      market.service.parts.services.compactMap { $0 as? RoutingSource }.first)
    let relay = try #require(
      market.service.parts.services.compactMap { $0 as? CrossingRelay }.first)
    try await routing.refresh()
    let settled = try await market.accept(delivered)
    #expect(settled.state == .settled)
    #expect(settled.payouts.map(\.amount.minorUnits) == [1_600_000, 300_000, 100_000])
    let escrow = try await market.exchangeAccount(.escrow).id
    #expect(try await market.balance(escrow) == 0)
    #expect(try await market.findings().isEmpty)
    #expect(try await relay.advance() == 0)
    #expect(try await market.findings().isEmpty)
    let paid = try await other.database.read { db in
      try AccountTable(db).ofParticipant(receiver, .vnd, .live)?.balance
    }
    #expect(paid == 1_600_000)
    let story = try await market.story(of: "order/\(settled.id)")
    #expect(
      story.suffix(4) == [
        "crossing.started", "order.settled", "crossing.credited", "crossing.confirmed",
      ])
    // What went to another partition is not taken back from here, nor is anything else of such an order: all or none.
    await expectRefusal("REFUND_FROM_OTHER_PARTITION") {
      try await market.deliveries.refundOrder(
        SettlementV1.RefundOrderRequest(
          requestID: market.requestID(), orderID: settled.id, reason: "goodwill"))
    }
    let kept = try await market.get(settled)
    #expect(kept.state == .settled && kept.payouts.allSatisfy { $0.refunded == nil })
    #expect(try await market.findings().isEmpty)
    await relay.peers.close()
    await other.shutdown()
    await market.shutdown()
  }

  @Test func databaseOfAnotherPartitionIsRefusedAtStart() async throws {
    let folder = try TemporaryDirectory()
    let owner = ParticipantID(high: 1, low: 0x123)
    func start(_ partition: String?) async throws {
      let service = try await TestService<SettlementService>(
        settings: partition.map { ["partition": $0] } ?? [:], directory: folder)
      let opened = try await service.database.write { db in
        guard try AccountTable(db).ofParticipant(owner, .vnd, .live) == nil else { return false }
        try AccountTable(db).insert(
          Account(
            id: AccountID(high: 7, low: 7), ownerID: owner, currency: .vnd, environment: .live,
            kind: .participant, createTime: LedgerScenario.now))
        return true
      }
      _ = opened
      await service.shutdown()
    }
    try await start("p1:VND/live")
    for wrong in ["p2:VND/live", "p1:VND/live/800-fff", "p1:USD/live", nil] {
      await #expect(throws: StartupError.self) { try await start(wrong) }
    }
    // What fits goes on, with more than before or with less of what is not used.
    try await start("p1:VND/live/000-7ff,USD/live")
    try await start("p1:VND/live/000-7ff,USD/live")
  }

  @Test func databaseThatWasEverythingsGoesOnUnderItsNameInTheLog() async throws {
    let folder = try TemporaryDirectory()
    let whole = try await TestService<SettlementService>(directory: folder)
    #expect(whole.parts.auditInstance == "")
    await whole.shutdown()
    let part = try await TestService<SettlementService>(
      settings: ["partition": "p1:VND/live,VND/sandbox"], directory: folder)
    #expect(part.parts.auditInstance == "")
    await part.shutdown()
    let fresh = try await TestService<SettlementService>(settings: ["partition": "p2:USD/live"])
    #expect(fresh.parts.auditInstance == "p2")
    await fresh.shutdown()
  }

  @Test func malformedPartitionIsRefusedAtStart() async throws {
    for text in [
      "", "p1", "p1:", ":VND/live", "p1:VND", "p1:VND/test", "p1:VND/live/7ff-000", "p1:XYZ/live",
      "p1:VND/live/0-fff", "p 1:VND/live", "p1:VND/live,", "p1:VND/live/000-1000",
    ] {
      #expect(IdentityV1.Partition(text) == nil, "\(text)")
    }
    for text in ["p1:VND/live", "a_b-2:VND/live/000-7ff,USD/sandbox"] {
      #expect(IdentityV1.Partition(text)?.text == text)
    }
    await #expect(throws: StartupError.self) {
      try await TestService<SettlementService>(settings: ["partition": "p1:VND"])
    }
  }

  @Test func everyPayerHasOneOwner() throws {
    let table = IdentityV1.RoutingTable(
      version: 1, partitions: TestPartitions.texts.compactMap { IdentityV1.Partition($0) })
    var generator = SplitMix64(seed: 7)
    var counts = ["p1": 0, "p2": 0]
    for _ in 0..<2_000 {
      let payer = ParticipantID(
        high: .random(in: .min ... .max, using: &generator),
        low: .random(in: .min ... .max, using: &generator))
      let owners = table.partitions.filter { $0.owns(.vnd, .live, payer) }
      #expect(owners.count == 1 && table.owner(.vnd, .live, payer) == owners.first)
      counts[owners[0].name, default: 0] += 1
    }
    #expect(counts.values.allSatisfy { $0 > 900 })
    #expect(table.owner(.usd, .live, ParticipantID(high: 1, low: 1)) == nil)
  }
}
