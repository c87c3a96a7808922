import Client
import Foundation
import GRDB
import Model
import RPC
import Stubs
import TestSupport
import Testing

/// kill -9 in the middle of trades: after a restart and the repetition of what had no answer, nothing
/// is lost and nothing is doubled.
@Suite(.serialized) struct CrashTests {
  /// The moments of death follow from the seed, which is printed; NDX_SEED repeats them.
  private let moments = RandomMoments()

  @Test(.timeLimit(.minutes(5)))
  func killingEachServiceInEveryStepLosesAndDoublesNothing() async throws {
    let market = try await Market.open()
    let victims = LocalExchange.services + ["connector"]
    for victim in victims { try await trade(on: market, killing: victim) }
    try await checkMoney(market, trades: Int64(victims.count))
    try await checkLog(market, trades: victims.count)
    try await checkProofs(market)
    await market.close()
  }

  /// One trade in which the victim is killed while each step is under way.
  private func trade(on market: Market, killing victim: String) async throws {
    let company = market.company
    let requests = (0..<3).map { _ in Market.request }
    let order = try await surviving(victim, market) {
      try await company.orders.placeOrder(
        .init(
          requestID: requests[0], offerID: market.offer.id, offerEtag: market.offer.etag,
          purpose: "research")
      ).order
    }
    _ = try await surviving(victim, market) {
      try await company.orders.fundOrder(
        .init(requestID: requests[1], orderID: order.id, accountID: market.account))
    }
    let folder = "\(market.exchange.directory)/delivered-\(order.id)"
    let delivery = try await surviving(victim, market) {
      try await Delivery(of: order.id, to: folder, over: company).run()
    }
    #expect(delivery.manifestDigest == order.manifestSHA256)
    try await untilReachable {
      let state = try await company.orders.getOrder(.init(orderID: order.id)).order.state
      guard state == .delivered else {
        throw RPCStatus(code: .unavailable, message: "the receipt is on its way: \(state)")
      }
    }
    let settled = try await surviving(victim, market) {
      try await company.orders.acceptDelivery(.init(requestID: requests[2], orderID: order.id))
        .order
    }
    #expect(settled.state == .settled)
    #expect(settled.payouts.map(\.amount.minorUnits) == Market.parts + [market.tax])
  }

  /// Runs a step, kills the victim meanwhile, starts it again and repeats the step until it has an
  /// answer.
  private func surviving<Value: Sendable>(
    _ victim: String, _ market: Market, _ step: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    async let value = untilReachable(step)
    // Not a wait for anything: the moment of death is to be another one each time.
    try await Task.sleep(for: moments.next(upTo: .milliseconds(20)))
    if victim == "connector" {
      try await market.connector.restart()
    } else {
      market.exchange.kill(victim)
      try await market.exchange.start()
    }
    return try await value
  }

  /// Every trade was paid once and paid out once, to the đồng.
  private func checkMoney(_ market: Market, trades: Int64) async throws {
    let balances = try await market.balances()
    #expect(balances.values.reduce(0, +) == 0)
    #expect(balances[market.account] == Market.deposit - trades * (Market.price + market.tax))
    #expect(try await market.exchangeBalance(.escrow) == 0)
    #expect(try await market.exchangeBalance(.tax) == trades * (Market.parts[1] + market.tax))
    #expect(try await market.exchangeBalance(.fee) == trades * Market.parts[2])
    let provider = try await market.officer.ledger.listAccounts(
      .init(ownerID: market.ministry.profile.participantID)
    ).accounts
    #expect(provider.map(\.creditsPosted).reduce(0, +) == trades * Market.parts[0])
    for try await step in market.auditor.ledger.verifyLedger(.init()) {
      #expect(step.findings.isEmpty)
    }
  }

  /// Every producer's events are in the log, in sequence without gap or repetition, and those of the
  /// trades exactly once each.
  private func checkLog(_ market: Market, trades: Int) async throws {
    try await untilReachable {
      let settled = try await self.entries(market).filter { $0.kind == "order.settled" }
      guard settled.count >= trades else {
        throw RPCStatus(code: .unavailable, message: "events are on their way")
      }
    }
    let all = try await self.entries(market)
    for (producer, events) in Dictionary(grouping: all, by: \.producer) {
      let sequences = events.map(\.producerSequence)
      #expect(sequences == Array(1...Int64(sequences.count)), "gap in the events of \(producer)")
    }
    #expect(Set(all.map(\.eventID)).count == all.count)
    for kind in ["order.funded", "order.delivered", "order.settled"] {
      #expect(all.count { $0.kind == kind && $0.outcome == .accepted } == trades, "\(kind)")
    }
  }

  /// Every producer has seen for itself that the log holds its events, and has let go of them.
  private func checkProofs(_ market: Market) async throws {
    for producer in ["identity", "catalog", "settlement"] {
      let database = try DatabaseQueue(
        path: "\(market.exchange.directory)/services/\(producer)/\(producer).sqlite")
      try await untilReachable {
        let unproven = try await database.read { db in
          try Int.fetchOne(
            db,
            sql: """
              SELECT count(*) FROM outbox
              WHERE sequence > coalesce((SELECT sequence FROM outbox_proof), 0)
              """)
        }
        guard unproven == 0 else {
          throw RPCStatus(
            code: .unavailable, message: "\(producer) has \(unproven ?? 0) events to prove")
        }
      }
      let rest = try await database.read { db in
        try String.fetchAll(db, sql: "SELECT kind FROM outbox ORDER BY sequence").dropLast()
      }
      #expect(Set(rest).isSubset(of: producer == "settlement" ? ["order.funded"] : []))
      try database.close()
    }
  }

  private func entries(_ market: Market) async throws -> [AuditV1.Entry] {
    var entries: [AuditV1.Entry] = []
    var token = ""
    repeat {
      let page = try await market.auditor.log.listEntries(.init(pageSize: 500, pageToken: token))
      entries += page.entries
      token = page.nextPageToken
    } while !token.isEmpty
    return entries
  }
}
