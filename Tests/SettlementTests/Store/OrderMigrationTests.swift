import GRDB
import Model
import ServiceRuntime
import SettlementDomain
import SettlementStore
import TestSupport
import Testing

/// A database that was filled while it had earlier schemas becomes one of today's, with what was in it.
struct OrderMigrationTests {
  private static func id(_ low: Int) -> String { "x'00000000000000010000000\(100_000_000 + low)'" }

  /// At the fourth step: one order of each kind of end, a payout of 100 and 8 % kept, and its receipt.
  private static let orders = """
    INSERT INTO account (number, id, owner_id, currency, environment, kind, overdraft_allowed,
      net_debit_cap, debits_posted, credits_posted, debits_pending, credits_pending, create_time)
    VALUES (1, \(id(1)), NULL, 'VND', 1, 6, 1, 0, 300, 0, 0, 0, 5),
      (2, \(id(2)), \(id(11)), 'VND', 1, 1, 0, 0, 200, 300, 0, 0, 5),
      (3, \(id(3)), NULL, 'VND', 1, 2, 0, 0, 100, 200, 0, 0, 5),
      (4, \(id(4)), \(id(12)), 'VND', 1, 1, 0, 0, 0, 100, 0, 0, 5);
    INSERT INTO transfer (number, id, kind, debit, credit, amount, currency, environment,
      timeout_seconds, linked, create_time, order_id)
    VALUES (1, \(id(21)), 1, 1, 2, 300, 'VND', 1, 0, 0, 10, NULL),
      (2, \(id(22)), 1, 2, 3, 100, 'VND', 1, 0, 0, 11, \(id(31))),
      (3, \(id(23)), 1, 3, 4, 100, 'VND', 1, 0, 0, 12, \(id(31))),
      (4, \(id(24)), 1, 2, 3, 100, 'VND', 1, 0, 0, 13, \(id(32)));
    INSERT INTO orders (number, id, consumer_id, provider_id, offer_id, offer_etag, product_id,
      revision_id, manifest_sha256, size_bytes, connector_address, environment, currency, price,
      policy, purpose, state, due_time, funding_account, funding_transfer, create_time, update_time)
    SELECT n, id, \(id(11)), \(id(12)), \(id(13)), 'v1', \(id(14)), \(id(15)), zeroblob(32), 9,
      'connector.example:1', 1, 'VND', 100, '{}', 'research', state, due, account, paid, 10, 10 + n
    FROM (SELECT 1 AS n, \(id(31)) AS id, 6 AS state, NULL AS due, 2 AS account, 2 AS paid
      UNION ALL SELECT 2, \(id(32)), 5, 9000000000000000, 2, 4
      UNION ALL SELECT 3, \(id(33)), 2, 9000000000000000, NULL, NULL);
    INSERT INTO order_share (order_number, position, beneficiary, weight)
      SELECT number, 0, 1, 1 FROM orders;
    INSERT INTO agreement (id, order_number, state, valid_until)
      VALUES (\(id(41)), 1, 1, 9000000000000000), (\(id(42)), 2, 1, 9000000000000000);
    INSERT INTO payout (order_number, position, beneficiary, account, amount, transfer)
      VALUES (1, 0, 1, 4, 100, 3);
    """

  /// At the thirteenth: a dispute, a price by usage, its records and meter, and a window.
  private static let trades = """
    UPDATE orders SET state = 10 WHERE number = 2;
    INSERT INTO dispute (order_number, reason, objection, objection_evidence, objection_time)
      VALUES (2, 2, 'half is missing', zeroblob(64), 20);
    INSERT INTO order_price (order_number, model, pricing, tax_rule, tax_rate, tax)
      VALUES (3, 4, '{"model":"PRICE_MODEL_USAGE","amount":{"currencyCode":"VND","minorUnits":"100"}}',
        2, 800, 8);
    INSERT INTO usage_record (provider_id, system_id, sequence, order_id, calls, bytes, rows, outcome,
      create_time)
    VALUES (\(id(12)), \(id(51)), 1, \(id(33)), 3, 40, 2, 1, 30),
      (\(id(12)), \(id(51)), 2, \(id(33)), 4, 60, 2, 1, 31);
    INSERT INTO usage_meter (order_number, calls, bytes, rows) VALUES (3, 7, 100, 4);
    INSERT INTO clearing_window (id, currency, environment, model, state, first_transfer, attempt,
      abort_reason, open_time) VALUES (\(id(61)), 'VND', 1, 1, 1, 1, 0, '', 5);
    """

  private func open(_ path: String, steps: Int? = nil) throws -> ServiceDatabase {
    try ServiceDatabase(
      at: path, service: "settlement",
      migrations: Array(SettlementSchema.migrations.prefix(steps ?? .max)))
  }

  private func migrated(_ directory: TemporaryDirectory) async throws -> ServiceDatabase {
    let path = directory.file("settlement.sqlite")
    for (steps, sql) in [(4, Self.orders), (13, Self.trades)] {
      let old = try open(path, steps: steps)
      try await old.write { try $0.execute(sql: sql) }
      await old.close()
    }
    return try open(path)
  }

  @Test func ordersKeepTheirStatesMoneyAndDisputes() async throws {
    let directory = try TemporaryDirectory()
    let database = try await migrated(directory)
    let (orders, changes, findings) = try await database.read { db in
      var check = LedgerCheck(db)
      try check.run()
      return (
        try OrderTable(db).list(.init(party: nil, state: nil), after: 0, limit: 10).map(\.order),
        try OrderChangeTable(db).list(after: 0, of: nil, limit: 10), check.verifier.findings
      )
    }
    #expect(orders.map(\.state) == [.settled, .disputed, .awaitingFunds])
    #expect(orders[0].payouts.map(\.amount.minorUnits) == [100])
    #expect(
      orders[0].payouts.first?.transferID == orders[0].payouts.first.map { _ in Self.transfer(23) })
    #expect(orders[1].dispute?.objection.text == "half is missing")
    #expect(orders[1].funding?.transferID == Self.transfer(24))
    #expect(orders[1].agreement?.state == .active && orders[1].renewal == nil)
    #expect(orders[2].terms.isMetered && orders[2].terms.tax?.ruleVersion == 2)
    #expect(changes.map(\.state) == [.settled, .delivered, .awaitingFunds])
    // It had no journal and no copies then.
    #expect(findings.allSatisfy { $0.text.contains("no link in the journal") })
    await database.close()
  }

  @Test func usageAndWindowsAreKeptAndGoOn() async throws {
    let directory = try TemporaryDirectory()
    let database = try await migrated(directory)
    let order = OrderID(high: 1, low: 0x1_0000_0033)
    let (provider, system) = (
      ParticipantID(high: 1, low: 0x1_0000_0012), SystemID(high: 1, low: 0x1_0000_0051)
    )
    try await database.write { db in
      let table = UsageTable(db)
      #expect(try table.meter(of: order) == UsageMeter(calls: 7, bytes: 100, rows: 4))
      #expect(try table.nextSequence(of: provider, system) == 3)
      #expect(try table.record(2, of: provider, system)?.bytes == 60)
      let next = SettlementV1.UsageRecord(sequence: 3, orderID: order, calls: 1)
      try table.insert(next, of: provider, system, .counted, at: TradeSamples.now)
      let windows = try Int.fetchAll(db, sql: "SELECT first_transfer FROM clearing_window")
      #expect(windows == [1])
      // Paid before there were invoices.
      #expect(try OrderPartyTable(db).find(order) == nil)
      #expect(try InvoiceTable(db).first(of: OrderID(high: 1, low: 0x1_0000_0031)) == nil)
    }
    await database.close()
  }

  /// What the schema promised of usage holds after the migration as before.
  @Test(arguments: [
    "UPDATE usage_record SET calls = 9", "DELETE FROM usage_record",
    "UPDATE usage_meter SET calls = 6", "UPDATE usage_meter SET bytes = 99, calls = 8",
    "UPDATE usage_meter SET rows = -1",
    record(sequence: 4), record(sequence: 1), record(sequence: 2),
    record(sequence: 2, verb: "INSERT OR REPLACE"), record(sequence: 3, calls: -1),
    record(sequence: 3, outcome: 2), record(sequence: 0, system: 52),
    "UPDATE orders SET state = 2 WHERE number = 1", "DELETE FROM orders",
    "UPDATE dispute SET outcome = 2, end_time = 1", "DELETE FROM dispute",
    "UPDATE transfer SET amount = 1", "DELETE FROM transfer",
  ])
  func brokenInvariantIsRefusedAfterwards(sql: String) async throws {
    let directory = try TemporaryDirectory()
    let database = try await migrated(directory)
    await #expect(throws: DatabaseError.self) {
      try await database.write { try $0.execute(sql: sql) }
    }
    await database.close()
  }

  private static func transfer(_ low: UInt64) -> TransferID {
    TransferID(high: 1, low: 0x1_0000_0000 + (low / 10 * 16) + low % 10)
  }

  private static func record(
    sequence: Int, calls: Int = 1, outcome: Int = 1, system: Int = 51, verb: String = "INSERT"
  ) -> String {
    """
    \(verb) INTO usage_record (provider_id, system_id, sequence, order_id, calls, bytes, rows, outcome,
      create_time)
    VALUES (\(id(12)), \(id(system)), \(sequence), \(id(33)), \(calls), 0, 0, \(outcome), 40)
    """
  }
}
