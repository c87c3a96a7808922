package import GRDB
package import Model
import ServiceRuntime
package import SettlementDomain

/// Whose database this is, and its accounts of money in transit.
package struct PartitionTable {
  let db: Database

  package init(_ db: Database) { self.db = db }

  package struct Stamp: Sendable, Hashable {
    /// As configured; empty for everything.
    package let partition: String
    package let auditInstance: String

    package init(partition: String, auditInstance: String) {
      self.partition = partition
      self.auditInstance = auditInstance
    }
  }

  /// Nil until the database is first used by a program that knows partitions.
  package func stamp() throws -> Stamp? {
    try Row.fetchOne(db, sql: "SELECT * FROM partition_stamp").map {
      Stamp(partition: $0["partition"], auditInstance: $0["audit_instance"])
    }
  }

  package func set(_ stamp: Stamp) throws {
    try db.execute(
      sql: """
        INSERT INTO partition_stamp (one, partition, audit_instance) VALUES (1, ?, ?)
        ON CONFLICT (one) DO UPDATE SET partition = excluded.partition
        """, arguments: [stamp.partition, stamp.auditInstance])
  }

  /// An account that the partition does not own, if the database has one.
  package func accountOutside(_ partition: IdentityV1.Partition) throws -> AccountID? {
    let rows = try Row.fetchCursor(
      db, sql: "SELECT id, owner_id, currency, environment FROM account ORDER BY number")
    while let row = try rows.next() {
      guard
        partition.owns(
          try row.currency("currency"), try row.value("environment"),
          try row.idIfPresent("owner_id"))
      else { return try row.id("id") }
    }
    return nil
  }

  /// Whether events have been written, whose sequence must go on under the same name.
  package func hasEvents() throws -> Bool {
    try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM outbox)") ?? false
  }

  /// The IN_TRANSIT account for a peer; nil until it is opened.
  package func transitAccount(
    for peer: String, _ currency: Currency, _ environment: TypeV1.Environment
  ) throws -> AccountID? {
    let statement = try db.cachedStatement(
      sql: """
        SELECT account.id FROM transit_account JOIN account ON account.number = account
        WHERE peer = ? AND transit_account.currency = ? AND transit_account.environment = ?
        """)
    return try AccountID.fetchOne(
      statement, arguments: [peer, currency.code, environment.rawValue])
  }

  /// All of them.
  package func transitAccounts() throws -> Set<AccountID> {
    let statement = try db.cachedStatement(
      // CROSS JOIN keeps the order: there are few of these and many accounts, and every submission asks.
      sql: """
        SELECT account.id FROM transit_account
        CROSS JOIN account ON account.number = transit_account.account
        """
    )
    return Set(try AccountID.fetchAll(statement))
  }

  package func insertTransit(_ account: Account, for peer: String) throws {
    try db.execute(
      sql: """
        INSERT INTO transit_account (peer, currency, environment, account)
        SELECT ?, currency, environment, number FROM account WHERE id = ?
        """, arguments: [peer, account.id])
  }
}
