import ConnectorDomain
package import GRDB
package import Model
import ServiceRuntime

/// Rows of `receipt` and `confirmation`.
package struct ReceiptTable {
  private let db: Database

  package init(_ db: Database) { self.db = db }

  /// A receipt signed by both ends.
  package struct Signed: Sendable {
    package let id: ReceiptID
    package let requestID: RequestID
    package let statement: DeliveryV1.DeliveryStatement
    /// The statement in wire form, as signed.
    package let statementBytes: [UInt8]
    /// The `DeliveryReceipt` in wire form.
    package let bytes: [UInt8]

    package init(
      requestID: RequestID, statement: DeliveryV1.DeliveryStatement, statementBytes: [UInt8],
      bytes: [UInt8]
    ) {
      id = statement.receiptID
      self.requestID = requestID
      self.statement = statement
      self.statementBytes = statementBytes
      self.bytes = bytes
    }
  }

  /// What becomes of a receipt at settlement.
  package enum Outcome: Sendable, Hashable {
    case waiting
    case confirmed
    /// Settlement will never take it; the stable reason says why.
    case refused(reason: String)
  }

  /// The receipt that answers this request already, if there is one. Throws
  /// `ConnectorError.receiptIDReused` when the id, or the request's, stands for another statement.
  package func find(
    _ id: ReceiptID, request: RequestID, statement: [UInt8]
  ) throws -> [UInt8]? {
    let rows = try Row.fetchAll(
      db.cachedStatement(
        sql: "SELECT id, statement, receipt FROM receipt WHERE id = ? OR request_id = ?"),
      arguments: [id, request])
    guard let row = rows.first else { return nil }
    let stored: Blob = row["statement"]
    guard rows.count == 1, row["id"] == id, stored.bytes == statement else {
      throw ConnectorError.receiptIDReused
    }
    let receipt: Blob = row["receipt"]
    return receipt.bytes
  }

  /// Stores a receipt, and that settlement must be told of it.
  package func insert(_ receipt: Signed, at now: Timestamp) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO receipt (id, request_id, order_id, agreement_id, consumer_id, statement,
          receipt, create_time)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      receipt.id, receipt.requestID, receipt.statement.orderID, receipt.statement.agreementID,
      receipt.statement.consumerID, Blob(receipt.statementBytes), Blob(receipt.bytes), now,
    ])
    try db.cachedStatement(
      sql: "INSERT INTO confirmation (receipt_id, state, reason, update_time) VALUES (?, 1, '', ?)"
    ).execute(arguments: [receipt.id, now])
  }

  /// Receipts that settlement has not answered for, those tried longest ago first, so that none that
  /// cannot be confirmed yet holds up the others.
  package func waiting(limit: Int) throws -> [(id: ReceiptID, order: OrderID, receipt: [UInt8])] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT receipt.id, order_id, receipt FROM confirmation
        JOIN receipt ON receipt.id = confirmation.receipt_id
        WHERE state = 1 ORDER BY confirmation.update_time, receipt.id LIMIT ?
        """)
    return try Row.fetchAll(statement, arguments: [limit]).map { row in
      let receipt: Blob = row["receipt"]
      return (row["id"], row["order_id"], receipt.bytes)
    }
  }

  /// Notes what came of an attempt.
  package func settle(_ id: ReceiptID, _ outcome: Outcome, at now: Timestamp) throws {
    let (state, reason) =
      switch outcome {
      case .waiting: (1, "")
      case .confirmed: (2, "")
      case .refused(let reason): (3, reason)
      }
    try db.cachedStatement(
      sql: "UPDATE confirmation SET state = ?, reason = ?, update_time = ? WHERE receipt_id = ?"
    ).execute(arguments: [state, reason, now, id])
  }

  package func outcome(of id: ReceiptID) throws -> Outcome? {
    let statement = try db.cachedStatement(
      sql: "SELECT state, reason FROM confirmation WHERE receipt_id = ?")
    guard let row = try Row.fetchOne(statement, arguments: [id]) else { return nil }
    let state: Int = row["state"]
    return switch state {
    case 1: .waiting
    case 2: .confirmed
    default: .refused(reason: row["reason"])
    }
  }
}
