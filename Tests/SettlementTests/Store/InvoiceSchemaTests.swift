import GRDB
import Model
import ServiceRuntime
import SettlementDomain
import SettlementStore
import TestSupport
import Testing

/// An order of 2,000,000 for which 100 moved twice and 60 went back, and one invoice.
struct InvoiceSchemaTests {
  @Test func nextInvoiceAndCreditNoteAreTaken() async throws {
    let ledger = try await Self.invoiced()
    try await ledger.database.write { db in
      try db.execute(sql: Self.row(2, serial: 2, transfer: 2))
      try db.execute(sql: Self.row(3, kind: 2, corrects: 1, transfer: 3, net: 60))
      #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM invoice") == 3)
    }
  }

  @Test(arguments: [
    // A gap, a serial that is taken, a transfer that is invoiced already, another amount than moved.
    row(2, serial: 3, transfer: 2), row(2, serial: 1, transfer: 2),
    row(2, serial: 2, transfer: 1), row(2, serial: 2, transfer: 2, net: 99),
    // Replacing by number, id, serial and transfer.
    row(1, serial: 2, transfer: 2, verb: "INSERT OR REPLACE"),
    row(9, serial: 1, transfer: 2, verb: "INSERT OR REPLACE"),
    row(9, serial: 2, transfer: 1, verb: "INSERT OR REPLACE"),
    // A credit note of nothing, and of more than was invoiced; one of another environment or seller.
    row(2, kind: 2, corrects: nil, transfer: 3, net: 60),
    row(2, kind: 2, corrects: 1, transfer: 4, net: 120),
    row(2, serial: 2, transfer: 2, environment: 2),
    row(2, serial: 2, transfer: 2, issuer: TradeSamples.consumerID),
    // More about an invoice that is there, and a transfer without an invoice.
    "INSERT INTO invoice_transfer (transfer, invoice) VALUES (2, 1)",
    "INSERT INTO invoice_transfer (transfer, invoice) VALUES (2, 2)",
    "UPDATE invoice_transfer SET invoice = 2", "DELETE FROM invoice_transfer",
    "UPDATE invoice SET net = 99, total = 99", "UPDATE invoice SET buyer = '{}'",
    "DELETE FROM invoice", "UPDATE order_party SET seller = '{}'", "DELETE FROM order_party",
    "INSERT OR REPLACE INTO order_party VALUES (1, '{}', '{}', '{}', 2)",
  ])
  func brokenInvariantIsRefused(sql: String) async throws {
    let ledger = try await Self.invoiced()
    // A transfer without an invoice is found out when the transaction commits.
    await #expect(throws: (any Error).self) {
      try await ledger.database.write { try $0.execute(sql: sql) }
    }
    let count = try await ledger.database.read { db in
      try Int.fetchOne(db, sql: "SELECT count(*) FROM invoice_transfer")
    }
    #expect(count == 1)
  }

  private static func invoiced() async throws -> TestLedger {
    let ledger = try TestLedger()
    let order = TradeSamples.order()
    let accounts = (try await ledger.open(1, external: true), try await ledger.open(2))
    let amounts: [Int64] = [100, 100, 60, 120]
    try await ledger.submit(
      amounts.enumerated().map { index, amount in
        SettlementV1.Transfer(
          id: TransferID(high: 9, low: UInt64(index + 1)), kind: .post,
          debitAccountID: accounts.0, creditAccountID: accounts.1, amount: amount,
          currencyCode: "VND", orderID: order.id)
      })
    try await ledger.database.write { db in
      try OrderTable(db).insert(order)
      try db.execute(sql: "INSERT INTO order_party VALUES (1, '{}', '{}', '{}', 1)")
      try db.execute(sql: row(1, serial: 1, transfer: 1))
    }
    return ledger
  }

  private static func row(
    _ number: Int, kind: Int = 1, serial: Int = 1, corrects: Int? = nil, transfer: Int,
    net: Int64 = 100, environment: Int = 1, issuer: ParticipantID = TradeSamples.providerID,
    verb: String = "INSERT"
  ) -> String {
    """
    \(verb) INTO invoice_transfer (transfer, invoice) VALUES (\(transfer), \(number));
    \(verb) INTO invoice (number, id, partition, environment, issuer_id, buyer_id, year, kind,
      serial, corrects, order_number, currency, net, tax_rate, tax, total, seller, buyer,
      title, lines, issue_time)
    VALUES (\(number), x'\(hex(0, UInt64(number)))', '', \(environment),
      x'\(hex(issuer.high, issuer.low))',
      x'\(hex(TradeSamples.consumerID.high, TradeSamples.consumerID.low))', 2027, \(kind),
      \(serial), \(corrects.map { "\($0)" } ?? "NULL"), 1, 'VND', \(net), 0, 0, \(net),
      '{}', '{}', '{}', '[1]', 1)
    """
  }

  private static func hex(_ high: UInt64, _ low: UInt64) -> String {
    [high, low].map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}
