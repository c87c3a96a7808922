package import GRDB
package import Model
import ServiceRuntime
package import SettlementDomain

/// An account with its number, the key of lists and of references.
package struct StoredAccount: Sendable, Hashable {
  package let number: Int64
  package let account: Account
}

/// The accounts and their counters.
package struct AccountTable {
  let db: Database

  package init(_ db: Database) { self.db = db }

  /// Opens an account, and the book of its currency and environment if it is the first in it. Throws when its id is
  /// taken. Its number is the next of the book.
  package func insert(_ account: Account) throws {
    let book = try book(account.currency, account.environment)
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO account (number, book, id, owner_id, currency, environment, kind,
          overdraft_allowed, net_debit_cap, history, create_time)
        VALUES (1 + coalesce((SELECT max(number) FROM account
            WHERE number BETWEEN (?1 << 40) AND (?1 << 40) + (1 << 40) - 1), ?1 << 40),
          ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        """)
    try statement.execute(arguments: [
      book, account.id, account.ownerID, account.currency.code, account.environment.rawValue,
      account.kind.rawValue, account.overdraftAllowed, account.netDebitCap, account.history,
      account.createTime,
    ])
  }

  private func book(_ currency: Currency, _ environment: TypeV1.Environment) throws -> Int64 {
    let found = try db.cachedStatement(
      sql: "SELECT number FROM book WHERE currency = ? AND environment = ?")
    let arguments: StatementArguments = [currency.code, environment.rawValue]
    if let number = try Int64.fetchOne(found, arguments: arguments) { return number }
    let insert = try db.cachedStatement(
      sql: "INSERT INTO book (currency, environment) VALUES (?, ?)")
    try insert.execute(arguments: arguments)
    return db.lastInsertedRowID
  }

  /// The account with its counters as stored: holds that expired since are still pending in them.
  package func find(_ id: AccountID) throws -> StoredAccount? {
    try one("id = ?", [id])
  }

  /// The exchange's own account of a kind, those for money to and from other partitions aside; nil until it is opened.
  package func ofExchange(
    _ kind: AccountKind, _ currency: Currency, _ environment: TypeV1.Environment
  ) throws -> Account? {
    try one(
      """
      currency = ? AND environment = ? AND kind = ? AND owner_id IS NULL
      AND number NOT IN (SELECT account FROM transit_account) ORDER BY number LIMIT 1
      """,
      [currency.code, environment.rawValue, kind.rawValue])?.account
  }

  /// The account into which a participant is paid: its oldest open one.
  package func ofParticipant(
    _ owner: ParticipantID, _ currency: Currency, _ environment: TypeV1.Environment
  ) throws -> Account? {
    try one(
      """
      owner_id = ? AND currency = ? AND environment = ? AND kind = 1 AND state = 1
      ORDER BY number LIMIT 1
      """, [owner, currency.code, environment.rawValue])?.account
  }

  /// Whether an order that is not over would pay back to the account.
  package func isAwaited(_ id: AccountID) throws -> Bool {
    let statement = try db.cachedStatement(
      sql: """
        SELECT EXISTS (SELECT 1 FROM orders WHERE due_time IS NOT NULL
          AND funding_account = (SELECT number FROM account WHERE id = ?))
        """)
    return try Bool.fetchOne(statement, arguments: [id]) ?? false
  }

  /// Accounts of an owner (nil: the exchange's own) with numbers above `after`, oldest first.
  package func list(
    owner: ParticipantID?, after: Int64, limit: Int
  ) throws -> [StoredAccount] {
    try all("owner_id IS ? AND number > ? ORDER BY number LIMIT ?", [owner, after, limit])
  }

  /// The exchange's accounts that hold money of orders. Leaves out what cannot be read.
  package func escrows() throws -> [Account] {
    let statement = try db.cachedStatement(sql: Self.select + "kind = 2 ORDER BY number")
    return try Row.fetchAll(statement).compactMap { try? Self.account($0).account }
  }

  /// What `account` holds in expired but not yet returned holds at `now`: its counters less those are
  /// what it has.
  package func current(_ stored: StoredAccount, at now: Timestamp) throws -> Account {
    var account = stored.account
    guard account.counters.debitsPending != 0 || account.counters.creditsPending != 0 else {
      return account
    }
    account.counters.debitsPending -= try expired("debit", stored.number, now)
    account.counters.creditsPending -= try expired("credit", stored.number, now)
    return account
  }

  /// Writes what an officer may change of an account.
  func save(_ state: AccountState, netDebitCap: Int64, of number: Int64) throws {
    let statement = try db.cachedStatement(
      sql: "UPDATE account SET state = ?, net_debit_cap = ? WHERE number = ?")
    try statement.execute(arguments: [state.rawValue, netDebitCap, number])
  }

  /// Writes what transfers change of accounts: counters and newest transfer.
  /// - Throws: when one of them is not there: its transfers say that it is.
  func save(_ accounts: [Account]) throws {
    let statement = try FastStatement(
      db,
      """
      UPDATE balance SET debits_posted = ?, debits_pending = ?, credits_posted = ?,
        credits_pending = ?, last_transfer = ?, transfer_count = ?
      WHERE account = ?
      """)
    for account in accounts {
      let counters = account.counters
      statement.bind(counters.debitsPosted, at: 0)
      statement.bind(counters.debitsPending, at: 1)
      statement.bind(counters.creditsPosted, at: 2)
      statement.bind(counters.creditsPending, at: 3)
      statement.bind(account.lastTransfer, at: 4)
      statement.bind(account.transferCount, at: 5)
      statement.bind(account.number, at: 6)
      try statement.runOnOneRow()
    }
  }

  private static let select = """
    SELECT number, id, owner_id, currency, environment, kind, overdraft_allowed, net_debit_cap,
      history, debits_posted, debits_pending, credits_posted, credits_pending, state, create_time,
      last_transfer, transfer_count
    FROM account JOIN balance ON balance.account = number WHERE\u{20}
    """

  private func one(_ condition: String, _ arguments: StatementArguments) throws -> StoredAccount? {
    let statement = try db.cachedStatement(sql: Self.select + condition)
    return try Row.fetchOne(statement, arguments: arguments).map(Self.account)
  }

  private func all(_ condition: String, _ arguments: StatementArguments) throws -> [StoredAccount] {
    let statement = try db.cachedStatement(sql: Self.select + condition)
    return try Row.fetchAll(statement, arguments: arguments).map(Self.account)
  }

  private func expired(_ side: String, _ number: Int64, _ now: Timestamp) throws -> Int64 {
    let statement = try db.cachedStatement(
      sql: """
        SELECT COALESCE(SUM(amount), 0) FROM hold JOIN transfer ON transfer.number = hold.transfer
        WHERE hold.state = 1 AND hold.expire_time <= ? AND transfer.\(side) = ?
        """)
    return try Int64.fetchOne(statement, arguments: [now, number]) ?? 0
  }

  static func account(_ row: Row) throws -> StoredAccount {
    let counters = Counters(
      debitsPosted: row["debits_posted"], debitsPending: row["debits_pending"],
      creditsPosted: row["credits_posted"], creditsPending: row["credits_pending"])
    return StoredAccount(
      number: row["number"],
      account: Account(
        id: try row.id("id"), ownerID: try row.idIfPresent("owner_id"),
        currency: try row.currency("currency"), environment: try row.value("environment"),
        kind: try row.value("kind"), overdraftAllowed: row["overdraft_allowed"],
        netDebitCap: row["net_debit_cap"], history: row["history"],
        createTime: try row.time("create_time"), state: try row.value("state"),
        counters: counters, number: row["number"], lastTransfer: row["last_transfer"],
        transferCount: row["transfer_count"]))
  }
}
