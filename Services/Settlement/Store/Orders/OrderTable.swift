package import GRDB
package import Model
import ServiceRuntime
package import SettlementDomain

/// An order with its number, the key of lists.
package struct StoredOrder: Sendable, Hashable {
  package let number: Int64
  package let order: Order
}

/// What orders have in escrow, in one currency and environment.
package struct EscrowedSum: Sendable, Hashable {
  package let currency: Currency
  package let environment: TypeV1.Environment
  package let amount: Int64
}

/// The orders with their shares, agreements and payouts.
package struct OrderTable {
  let db: Database

  package init(_ db: Database) { self.db = db }

  /// Whose orders a list holds.
  package struct Filter: Sendable {
    /// Nil for everybody's.
    package var party: ParticipantID?
    /// Nil for every state.
    package var state: OrderState?

    package init(party: ParticipantID?, state: OrderState?) {
      self.party = party
      self.state = state
    }
  }

  package func find(_ id: OrderID) throws -> Order? { try all("id = ?", [id]).first?.order }

  func find(number: Int64) throws -> Order? { try all("number = ?", [number]).first?.order }

  /// Orders with numbers above `after`, oldest first.
  package func list(_ filter: Filter, after: Int64, limit: Int) throws -> [StoredOrder] {
    let party = filter.party == nil ? "?1 IS NULL" : "(consumer_id = ?1 OR provider_id = ?1)"
    let state = filter.state == nil ? "?2 IS NULL" : "state = ?2"
    return try all(
      "\(party) AND \(state) AND number > ?3 ORDER BY number LIMIT ?4",
      [filter.party, filter.state?.rawValue, after, limit])
  }

  /// Orders whose deadline has passed, longest ago first.
  package func due(at now: Timestamp) throws -> [OrderID] {
    let statement = try db.cachedStatement(
      sql: "SELECT id FROM orders WHERE due_time <= ? ORDER BY due_time, number")
    return try OrderID.fetchAll(statement, arguments: [now])
  }

  /// When the first deadline after `now` is; nil when there is none.
  package func nextDueTime(after now: Timestamp) throws -> Timestamp? {
    let statement = try db.cachedStatement(
      sql: "SELECT MIN(due_time) FROM orders WHERE due_time > ?")
    return try Timestamp.fetchOne(statement, arguments: [now])
  }

  /// The escrow account that a transfer pays an order to, or holds the money of one for; nil when it is
  /// about no order.
  package func escrow(of funding: TransferID) throws -> AccountID? {
    let statement = try db.cachedStatement(
      sql: """
        SELECT account.id FROM transfer JOIN account ON account.number = transfer.credit
        WHERE transfer.id = ? AND transfer.number IN (SELECT funding_transfer FROM orders)
        """)
    return try AccountID.fetchOne(statement, arguments: [funding])
  }

  /// The prices and taxes of the orders that are paid and not over: what must be in escrow. Money for
  /// usage is held on the consumer's account instead.
  package func escrowed() throws -> [EscrowedSum] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT currency, environment, SUM(price + coalesce(
          (SELECT tax FROM order_price WHERE order_number = number), 0)) AS amount FROM orders
        WHERE funding_transfer IS NOT NULL AND due_time IS NOT NULL AND NOT EXISTS (
          SELECT 1 FROM order_price WHERE order_number = number AND model = 4)
        GROUP BY currency, environment
        """)
    return try Row.fetchAll(statement).map { row in
      EscrowedSum(
        currency: try row.currency("currency"), environment: try row.value("environment"),
        amount: row["amount"])
    }
  }

  /// Whether every order is one that the partition owns.
  package func areAll(in partition: IdentityV1.Partition) throws -> Bool {
    let rows = try Row.fetchCursor(
      db, sql: "SELECT DISTINCT consumer_id, currency, environment FROM orders")
    while let row = try rows.next() {
      let code: String? = row["currency"]
      let currency =
        try code == nil
        ? IdentityV1.RoutingTable.currencyOfFreeOrders : row.currency("currency")
      let environment: TypeV1.Environment = try row.value("environment")
      let consumer: ParticipantID = try row.id("consumer_id")
      guard partition.owns(currency, environment, consumer) else { return false }
    }
    return true
  }

  package func insert(_ order: Order) throws {
    let terms = order.terms
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO orders (id, consumer_id, provider_id, offer_id, offer_etag, product_id,
          revision_id, manifest_sha256, size_bytes, connector_address, environment, currency, price,
          policy, purpose, state, due_time, create_time, update_time)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    try statement.execute(arguments: [
      order.id, terms.consumerID, terms.providerID, terms.offerID, terms.offerETag, terms.productID,
      terms.revisionID, terms.manifestSHA256, terms.sizeBytes, terms.connectorAddress,
      terms.environment.rawValue, terms.price?.currency.code, terms.price?.minorUnits,
      try JSONText.write(terms.policy), terms.purpose, order.state.rawValue, order.dueTime,
      order.createTime, order.updateTime,
    ])
    let number = db.lastInsertedRowID
    try OrderPriceTable(db).insert(terms, of: number)
    try OrderConsentTable(db).insert(terms.consents, of: number)
    for (position, share) in terms.split.enumerated() {
      let statement = try db.cachedStatement(
        sql: """
          INSERT INTO order_share (order_number, position, beneficiary, participant_id, weight)
          VALUES (?, ?, ?, ?, ?)
          """)
      try statement.execute(arguments: [
        number, position, share.beneficiary.rawValue, share.participantID, share.weight,
      ])
    }
    try saveAgreement(of: order, number)
    try OrderChangeTable(db).append(order, number: number)
  }

  /// Writes what may change of an order: its state, its money, its agreement and its dispute.
  package func update(_ order: Order) throws {
    let statement = try db.cachedStatement(
      sql: """
        UPDATE orders SET state = ?, due_time = ?, end_reason = ?, update_time = ?,
          funding_account = (SELECT number FROM account WHERE id = ?),
          funding_transfer = (SELECT number FROM transfer WHERE id = ?)
        WHERE id = ?
        """)
    try statement.execute(arguments: [
      order.state.rawValue, order.dueTime, order.endReason, order.updateTime,
      order.funding?.accountID, order.funding?.transferID, order.id,
    ])
    let number = try number(of: order.id)
    try saveAgreement(of: order, number)
    if let renewal = order.renewal { try RenewalTable(db).save(renewal, of: number) }
    try PayoutTable(db).save(order.payouts, of: number)
    if let dispute = order.dispute { try DisputeTable(db).save(dispute, of: number) }
    try OrderChangeTable(db).append(order, number: number)
  }

  func number(of id: OrderID) throws -> Int64 {
    let statement = try db.cachedStatement(sql: "SELECT number FROM orders WHERE id = ?")
    guard let number = try Int64.fetchOne(statement, arguments: [id]) else {
      preconditionFailure("an order is changed that was not placed")
    }
    return number
  }

  private func saveAgreement(of order: Order, _ number: Int64) throws {
    guard let agreement = order.agreement else { return }
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO agreement (id, order_number, state, valid_until, suspended_by, consent_paused)
        VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET state = excluded.state,
          valid_until = excluded.valid_until,
          suspended_by = excluded.suspended_by, consent_paused = excluded.consent_paused
        """)
    try statement.execute(arguments: [
      agreement.id, number, agreement.state.rawValue, agreement.validUntil,
      agreement.suspendedBy?.rawValue, agreement.isPaused,
    ])
  }

  private func all(_ condition: String, _ arguments: StatementArguments) throws -> [StoredOrder] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT orders.*,
          (SELECT id FROM account WHERE number = funding_account) AS funding_account_id,
          (SELECT id FROM transfer WHERE number = funding_transfer) AS funding_transfer_id
        FROM orders WHERE \(condition)
        """)
    return try Row.fetchAll(statement, arguments: arguments).map(order)
  }

  private func order(_ row: Row) throws -> StoredOrder {
    let number: Int64 = row["number"]
    var price: Money?
    if let amount: Int64 = row["price"] {
      price = Money(currency: try row.currency("currency"), minorUnits: amount)
    }
    var funding: Funding?
    if let accountID: AccountID = try row.idIfPresent("funding_account_id") {
      funding = Funding(accountID: accountID, transferID: try row.id("funding_transfer_id"))
    }
    let pricing = try price.flatMap { try OrderPriceTable(db).find(number, in: $0.currency) }
    let terms = OrderTerms(
      consumerID: try row.id("consumer_id"), providerID: try row.id("provider_id"),
      offerID: try row.id("offer_id"), offerETag: row["offer_etag"],
      productID: try row.id("product_id"), revisionID: try row.id("revision_id"),
      manifestSHA256: try row.decode(Digest.self, forColumn: "manifest_sha256"),
      sizeBytes: row["size_bytes"], connectorAddress: row["connector_address"],
      environment: try row.value("environment"), price: price, split: try shares(number),
      policy: try JSONText.read(row["policy"]), purpose: row["purpose"],
      pricing: pricing?.0, tax: pricing?.1, consents: try OrderConsentTable(db).find(number))
    return StoredOrder(
      number: number,
      order: Order(
        id: try row.id("id"), terms: terms, state: try row.value("state"),
        dueTime: try row.decode(Timestamp?.self, forColumn: "due_time"),
        agreement: try agreement(number),
        renewal: terms.renews ? try RenewalTable(db).find(number) : nil, funding: funding,
        payouts: try price.map { try PayoutTable(db).find(number, in: $0.currency) } ?? [],
        dispute: try DisputeTable(db).find(number), endReason: row["end_reason"],
        createTime: try row.time("create_time"),
        updateTime: try row.time("update_time")))
  }

  private func shares(_ number: Int64) throws -> [TypeV1.SplitShare] {
    let statement = try db.cachedStatement(
      sql: "SELECT * FROM order_share WHERE order_number = ? ORDER BY position")
    return try Row.fetchAll(statement, arguments: [number]).map { row in
      TypeV1.SplitShare(
        beneficiary: try row.value("beneficiary"),
        participantID: try row.idIfPresent("participant_id"), weight: row["weight"])
    }
  }

  private func agreement(_ number: Int64) throws -> Agreement? {
    let statement = try db.cachedStatement(sql: "SELECT * FROM agreement WHERE order_number = ?")
    return try Row.fetchOne(statement, arguments: [number]).map { row in
      Agreement(
        id: try row.id("id"), state: try row.value("state"),
        validUntil: try row.time("valid_until"),
        suspendedBy: row["suspended_by"] == nil ? nil : try row.value("suspended_by"),
        isPaused: row["consent_paused"])
    }
  }
}
