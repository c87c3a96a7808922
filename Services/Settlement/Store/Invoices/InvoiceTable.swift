package import GRDB
package import Model
import ServiceRuntime
package import SettlementDomain

/// An invoice with its number among all of them, the key of lists.
package struct StoredInvoice: Sendable, Hashable {
  package let number: Int64
  package let invoice: Invoice
}

/// Invoices and credit notes.
package struct InvoiceTable {
  let db: Database

  package init(_ db: Database) { self.db = db }

  /// Which a list holds.
  package struct Filter: Sendable {
    /// Seller or buyer; nil for everybody's.
    package var party: ParticipantID?
    /// Nil for every order's.
    package var order: OrderID?
    /// `unspecified` for both.
    package var kind: SettlementV1.InvoiceKind

    package init(party: ParticipantID?, order: OrderID?, kind: SettlementV1.InvoiceKind) {
      self.party = party
      self.order = order
      self.kind = kind
    }
  }

  package func find(_ id: InvoiceID) throws -> Invoice? {
    try all("invoice.id = ?", [id]).first?.invoice
  }

  /// The first invoice of an order; nil when there is none.
  package func first(of order: OrderID) throws -> Invoice? {
    try all(
      """
      invoice.kind = 1 AND order_number = (SELECT number FROM orders WHERE id = ?)
      ORDER BY invoice.number LIMIT 1
      """, [order]
    ).first?.invoice
  }

  /// Those with numbers above `after`, oldest first.
  package func list(_ filter: Filter, after: Int64, limit: Int) throws -> [StoredInvoice] {
    var conditions = ["invoice.number > ?1"]
    if filter.party != nil { conditions.append("(issuer_id = ?2 OR buyer_id = ?2)") }
    if filter.order != nil {
      conditions.append("order_number = (SELECT number FROM orders WHERE id = ?3)")
    }
    if filter.kind != .unspecified { conditions.append("invoice.kind = ?4") }
    return try all(
      "\(conditions.joined(separator: " AND ")) ORDER BY invoice.number LIMIT ?5",
      [after, filter.party, filter.order, filter.kind.rawValue, limit])
  }

  /// The serial that the next document of a series has.
  package func nextSerial(in series: InvoiceSeries) throws -> Int64 {
    let statement = try db.cachedStatement(
      sql: """
        SELECT MAX(serial) FROM invoice
        WHERE partition = ? AND environment = ? AND issuer_id = ? AND year = ? AND kind = ?
        """)
    let last = try Int64.fetchOne(
      statement,
      arguments: [
        series.partition, series.environment.rawValue, series.issuerID, series.year,
        series.kind.rawValue,
      ])
    return (last ?? 0) + 1
  }

  package func insert(_ invoice: Invoice) throws {
    let last = try Int64.fetchOne(db.cachedStatement(sql: "SELECT MAX(number) FROM invoice")) ?? 0
    for transfer in invoice.transferIDs {
      let statement = try db.cachedStatement(
        sql: """
          INSERT INTO invoice_transfer (transfer, invoice)
          VALUES ((SELECT number FROM transfer WHERE id = ?), ?)
          """)
      try statement.execute(arguments: [transfer, last + 1])
    }
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO invoice (number, id, partition, environment, issuer_id, buyer_id, year, kind, serial,
          corrects, order_number, currency, net, tax_rule, tax_rate, tax, total, seller,
          buyer, title, lines, issue_time)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT number FROM invoice WHERE id = ?),
          (SELECT number FROM orders WHERE id = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    let series = invoice.series
    try statement.execute(arguments: [
      last + 1, invoice.id, series.partition, series.environment.rawValue, series.issuerID,
      invoice.parties.buyer.participantID, series.year, series.kind.rawValue, invoice.serial,
      invoice.corrects?.id, invoice.orderID, invoice.net.currency.code,
      invoice.net.minorUnits, invoice.tax.ruleVersion, invoice.tax.rateBasisPoints,
      invoice.tax.amount.minorUnits, invoice.total.minorUnits,
      try JSONText.write(invoice.parties.seller), try JSONText.write(invoice.parties.buyer),
      try JSONText.write(invoice.parties.title), try JSONText.write(invoice.lines),
      invoice.issueTime,
    ])
  }

  private func all(_ condition: String, _ arguments: StatementArguments) throws -> [StoredInvoice] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT invoice.*, (SELECT id FROM orders WHERE number = invoice.order_number) AS order_id
        FROM invoice WHERE \(condition)
        """)
    return try Row.fetchAll(statement, arguments: arguments).map { row in
      StoredInvoice(number: row["number"], invoice: try invoice(row))
    }
  }

  private func transfers(_ number: Int64) throws -> [TransferID] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT transfer.id FROM invoice_transfer
          JOIN transfer ON transfer.number = invoice_transfer.transfer
        WHERE invoice = ? ORDER BY transfer.number
        """)
    return try TransferID.fetchAll(statement, arguments: [number])
  }

  private func invoice(_ row: Row) throws -> Invoice {
    let currency = try row.currency("currency")
    var corrects: InvoiceReference?
    if let number: Int64 = row["corrects"] {
      corrects = try all("invoice.number = ?", [number]).first?.invoice.reference
    }
    return Invoice(
      id: try row.id("id"),
      series: InvoiceSeries(
        partition: row["partition"], environment: try row.value("environment"),
        issuerID: try row.id("issuer_id"), year: row["year"],
        kind: SettlementV1.InvoiceKind(rawValue: row["kind"])),
      serial: row["serial"], orderID: try row.id("order_id"),
      transferIDs: try transfers(row["number"]), corrects: corrects,
      parties: try InvoiceParties(row), lines: try JSONText.read(row["lines"]),
      net: Money(currency: currency, minorUnits: row["net"]),
      tax: OrderTax(
        ruleVersion: row["tax_rule"], rateBasisPoints: row["tax_rate"],
        amount: Money(currency: currency, minorUnits: row["tax"])),
      issueTime: try row.time("issue_time"))
  }
}

extension InvoiceParties {
  init(_ row: Row) throws {
    self.init(
      seller: try JSONText.read(row["seller"]), buyer: try JSONText.read(row["buyer"]),
      title: try JSONText.read(row["title"]))
  }
}
