package import GRDB
package import Model
import ServiceRuntime
package import SettlementDomain

/// Money on its way from here to other partitions.
package struct CrossingTable {
  let db: Database

  package init(_ db: Database) { self.db = db }

  package struct Stored: Sendable, Hashable {
    package let number: Int64
    package let crossing: Crossing
  }

  package func insert(_ crossing: Crossing) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO crossing (id, destination, debit_account, receiver_id, credit_account, amount,
          currency, environment, order_id, state, refusal_reason, create_time, update_time)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    try statement.execute(arguments: [
      crossing.id, crossing.destination, crossing.debitAccountID, crossing.receiverID,
      crossing.creditAccountID, crossing.amount.minorUnits, crossing.amount.currency.code,
      crossing.environment.rawValue, crossing.orderID, crossing.state.rawValue,
      crossing.refusalReason, crossing.createTime, crossing.updateTime,
    ])
  }

  /// Writes how far it has come.
  package func update(_ crossing: Crossing) throws {
    try db.cachedStatement(
      sql: "UPDATE crossing SET state = ?, refusal_reason = ?, update_time = ? WHERE id = ?"
    ).execute(arguments: [
      crossing.state.rawValue, crossing.refusalReason, crossing.updateTime, crossing.id,
    ])
  }

  package func find(_ id: TransferID) throws -> Crossing? {
    let statement = try db.cachedStatement(sql: "SELECT * FROM crossing WHERE id = ?")
    return try Row.fetchOne(statement, arguments: [id]).map { try Self.stored($0).crossing }
  }

  /// Those on which something is to be done, oldest first.
  package func open(limit: Int) throws -> [Crossing] {
    let statement = try db.cachedStatement(
      sql: "SELECT * FROM crossing WHERE state IN (1, 2) ORDER BY number LIMIT ?")
    return try Row.fetchAll(statement, arguments: [limit]).map { try Self.stored($0).crossing }
  }

  /// Those with numbers above `after`, oldest first; in one state, if given.
  package func list(
    state: CrossingState?, after: Int64, limit: Int
  ) throws -> [Stored] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT * FROM crossing WHERE number > ?1 AND (?2 IS NULL OR state = ?2)
        ORDER BY number LIMIT ?3
        """)
    return try Row.fetchAll(statement, arguments: [after, state?.rawValue, limit])
      .map(Self.stored)
  }

  /// What came back of payouts: it lies in escrow again, though its orders are over.
  package func returnedToEscrow() throws -> [EscrowedSum] {
    try Row.fetchAll(
      db,
      sql: """
        SELECT crossing.currency, crossing.environment, SUM(amount) AS amount FROM crossing
        JOIN account ON account.id = debit_account
        WHERE crossing.state = 4 AND account.kind = 2
        GROUP BY crossing.currency, crossing.environment
        """
    ).map { row in
      EscrowedSum(
        currency: try row.currency("currency"), environment: try row.value("environment"),
        amount: row["amount"])
    }
  }

  private static func stored(_ row: Row) throws -> Stored {
    Stored(
      number: row["number"],
      crossing: Crossing(
        id: try row.id("id"), destination: row["destination"],
        debitAccountID: try row.id("debit_account"), receiverID: try row.id("receiver_id"),
        creditAccountID: try row.idIfPresent("credit_account"),
        amount: Money(currency: try row.currency("currency"), minorUnits: row["amount"]),
        environment: try row.value("environment"), orderID: try row.idIfPresent("order_id"),
        state: try row.value("state"), refusalReason: row["refusal_reason"],
        createTime: try row.time("create_time"), updateTime: try row.time("update_time")))
  }
}

/// What was decided here about money from other partitions.
package struct ReceivedCrossingTable {
  let db: Database

  package init(_ db: Database) { self.db = db }

  package func insert(_ received: ReceivedCrossing, at now: Timestamp) throws {
    var reason = ""
    if case .refused(let why) = received.decision { reason = why }
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO received_crossing (id, origin, receiver_id, credit_account, amount, currency,
          environment, order_id, refusal_reason, create_time) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    try statement.execute(arguments: [
      received.id, received.origin, received.receiverID, received.creditAccountID,
      received.amount.minorUnits, received.amount.currency.code, received.environment.rawValue,
      received.orderID, reason, now,
    ])
  }

  package func confirm(_ id: TransferID) throws {
    try db.cachedStatement(sql: "UPDATE received_crossing SET confirmed = 1 WHERE id = ?")
      .execute(arguments: [id])
  }

  package func find(_ id: TransferID) throws -> ReceivedCrossing? {
    let statement = try db.cachedStatement(sql: "SELECT * FROM received_crossing WHERE id = ?")
    return try Row.fetchOne(statement, arguments: [id]).map { row in
      let reason: String = row["refusal_reason"]
      return ReceivedCrossing(
        id: try row.id("id"), origin: row["origin"], receiverID: try row.id("receiver_id"),
        creditAccountID: try row.idIfPresent("credit_account"),
        amount: Money(currency: try row.currency("currency"), minorUnits: row["amount"]),
        environment: try row.value("environment"), orderID: try row.idIfPresent("order_id"),
        decision: reason.isEmpty ? .credited : .refused(reason), isConfirmed: row["confirmed"])
    }
  }
}
