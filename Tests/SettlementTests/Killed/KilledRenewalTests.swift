import Foundation
import GRDB
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore
import Stubs
import TestSupport
import Testing

@testable import SettlementAPI

/// The real service, killed with -9 within a renewal at one write or fsync after the other: the period is charged once, with
/// its payouts and its invoice, or not at all, and then by the next process. `NDX_LONG=1` dies at each.
@Suite(.serialized) struct KilledRenewalTests {
  private static let isLong = ProcessInfo.processInfo.environment["NDX_LONG"] == "1"

  @Test(.timeLimit(.minutes(10)))
  func dyingAtAnyWriteWithinARenewalChargesThePeriodOnce() async throws {
    let folder = try TemporaryDirectory()
    let authority = try TestAuthority()
    let market = try await TestMarket(price: 1_000_000, authority: authority, in: folder)
    let (order, account) = try await Self.subscribe(market)
    await market.close()
    let process = try await FaultyProcess(
      "settlement",
      arguments: ["--catalog-address", market.directory.settings["catalog-address"] ?? ""],
      authority: authority, in: folder, identityMethods: market.directory.identityMethods)
    let given = ProcessInfo.processInfo.environment["NDX_SEED"].flatMap(UInt64.init)
    let seed = given ?? .random(in: .min ... .max)
    print("NDX_SEED=\(seed)")
    // In the short mode a few, others in each run.
    let step = Self.isLong ? 1 : 7
    var deaths = 0
    for count in stride(from: Int(seed % UInt64(step)), to: 28, by: step) {
      let before = try await Self.makeDue(order.id, in: folder)
      try process.arm(.death, after: count)
      // It may die before it is ready, or have charged before the write comes.
      try? await process.start()
      if try await Self.end(of: process, order, market, after: before.period) { deaths += 1 }
      try process.disarm()
      try await process.start()
      let charged = try await Self.untilCharged(process, order, market, after: before.period)
      #expect(charged.period == before.period + 1)
      _ = try await process.process.terminate()
      let after = try await Self.read(order.id, account, in: folder)
      #expect(after.period == before.period + 1 && after.payments == before.payments + 1)
      #expect(after.invoices == before.invoices + 1 && after.findings == [])
      #expect(after.left == 100_000_000 - 1_000_000 * Int64(after.invoices))
    }
    #expect(deaths > 0)
    try await process.stop()
    await market.directory.shutdown()
  }

  /// A subscription by the day of which the first period is paid out.
  private static func subscribe(
    _ market: TestMarket
  ) async throws -> (SettlementV1.Order, AccountID) {
    var facts = market.facts(price: 1_000_000)
    facts.offer.terms.price.model = .subscription
    facts.offer.terms.price.period = CatalogV1.BillingPeriod(unit: .day, count: 1)
    facts.offer.terms.price.renews = true
    market.directory.set(facts)
    let account = try await market.deposit(100_000_000)
    return (try await market.accept(try await market.delivered(from: account)), account)
  }

  private struct Found {
    var period: Int32 = 0
    var payments = 0
    var invoices = 0
    var left: Int64 = 0
    var findings: [String] = []
  }

  /// Lets the next period be due now, as if its day had come.
  private static func makeDue(_ order: OrderID, in folder: TemporaryDirectory) async throws -> Found
  {
    try await open(folder) { db in
      try db.execute(
        sql: """
          UPDATE renewal SET next_time = ?
          WHERE order_number = (SELECT number FROM orders WHERE id = ?)
          """, arguments: [WallClock.system.now(), order])
      return try found(order, nil, db)
    }
  }

  private static func read(
    _ order: OrderID, _ account: AccountID, in folder: TemporaryDirectory
  ) async throws -> Found {
    try await open(folder) { db in
      var found = try found(order, account, db)
      found.findings = try LedgerHandler.verify(db).findings.map(\.text)
      return found
    }
  }

  private static func found(
    _ order: OrderID, _ account: AccountID?, _ db: Database
  ) throws -> Found {
    func count(_ table: String) throws -> Int {
      let sql = """
        SELECT count(*) FROM \(table)
        WHERE order_number = (SELECT number FROM orders WHERE id = ?)
        """
      return try Int.fetchOne(db, sql: sql, arguments: [order]) ?? 0
    }
    return Found(
      period: try OrderTable(db).find(order)?.renewal?.period ?? 0,
      payments: try count("renewal_payment"), invoices: try count("invoice"),
      left: try account.flatMap { try AccountTable(db).find($0)?.account.balance } ?? 0)
  }

  /// Looks into the database while no process has it.
  private static func open<Value: Sendable>(
    _ folder: TemporaryDirectory, _ body: @Sendable @escaping (Database) throws -> Value
  ) async throws -> Value {
    let database = try ServiceDatabase(
      at: folder.file("settlement.sqlite"), service: "settlement",
      migrations: SettlementSchema.migrations)
    let value = try await database.write(body)
    await database.close()
    return value
  }

  /// Waits until the process has died, or has charged the period and is ended. Returns whether it died.
  private static func end(
    of process: FaultyProcess, _ order: SettlementV1.Order, _ market: TestMarket,
    after period: Int32
  ) async throws -> Bool {
    if process.process.exitCode == nil {
      _ = try? await untilCharged(process, order, market, after: period)
    }
    if let code = process.process.exitCode { return code == -9 }
    return try await process.process.terminate() == -9
  }

  private static func untilCharged(
    _ process: FaultyProcess, _ order: SettlementV1.Order, _ market: TestMarket,
    after period: Int32
  ) async throws -> SettlementV1.Renewal {
    let channel = try process.channel(as: market.consumer)
    let orders = OrderServiceClient(channel)
    var found = SettlementV1.Renewal()
    for _ in 1...400 where process.process.exitCode == nil {
      do {
        found =
          try await orders.getOrder(
            .init(orderID: order.id), CallOptions(timeout: .seconds(5))
          ).order.renewal ?? found
        if found.period > period { break }
      } catch let status as RPCStatus
        where [.unavailable, .unauthenticated, .deadlineExceeded].contains(status.code)
      {}
      try await Task.sleep(for: .milliseconds(25))
    }
    await channel.close()
    return found
  }
}
