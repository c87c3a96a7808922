package import GRDB
package import Model
import ServiceRuntime
package import SettlementDomain

/// The participants that settle net.
package struct MemberTable {
  let db: Database

  package init(_ db: Database) { self.db = db }

  package struct Stored: Sendable, Hashable {
    package let number: Int64
    package let member: ClearingMember
  }

  package func find(
    _ participant: ParticipantID, _ currency: Currency, _ environment: TypeV1.Environment
  ) throws -> ClearingMember? {
    try all(
      "m.participant_id = ? AND m.currency = ? AND m.environment = ?",
      [participant, currency.code, environment.rawValue]
    ).first?.member
  }

  /// Members with numbers above `after`, oldest first; of one participant, if it is given.
  package func list(_ participant: ParticipantID?, after: Int64, limit: Int) throws -> [Stored] {
    let own = participant == nil ? "?1 IS NULL" : "m.participant_id = ?1"
    return try all(
      "\(own) AND m.number > ?2 ORDER BY m.number LIMIT ?3", [participant, after, limit])
  }

  /// Owners of the accounts that settle net in a currency and environment.
  package func accounts(
    _ currency: Currency, _ environment: TypeV1.Environment
  ) throws -> [AccountID: ParticipantID] {
    try all("m.currency = ? AND m.environment = ?", [currency.code, environment.rawValue])
      .reduce(into: [:]) { $0[$1.member.accountID] = $1.member.participantID }
  }

  /// Adds a member that settles net from transfer `first` on.
  package func insert(_ member: ClearingMember, from first: Int64) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO clearing_member (participant_id, account, currency, environment, name, bank_bic,
          bank_account, first_transfer, create_time)
        VALUES (?, (SELECT number FROM account WHERE id = ?), ?, ?, ?, ?, ?, ?, ?)
        """)
    try statement.execute(arguments: [
      member.participantID, member.accountID, member.currency.code, member.environment.rawValue,
      member.name, member.bankBIC, member.bankAccount, first, member.createTime,
    ])
  }

  /// Changes the bank account of a member.
  package func update(_ member: ClearingMember) throws {
    let statement = try db.cachedStatement(
      sql: """
        UPDATE clearing_member SET name = ?, bank_bic = ?, bank_account = ?
        WHERE participant_id = ? AND currency = ? AND environment = ?
        """)
    try statement.execute(arguments: [
      member.name, member.bankBIC, member.bankAccount, member.participantID, member.currency.code,
      member.environment.rawValue,
    ])
  }

  private func all(_ condition: String, _ arguments: StatementArguments) throws -> [Stored] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT m.*, a.id AS account_id FROM clearing_member m JOIN account a ON a.number = m.account
        WHERE \(condition)
        """)
    return try Row.fetchAll(statement, arguments: arguments).map { row in
      Stored(
        number: row["number"],
        member: ClearingMember(
          participantID: try row.id("participant_id"), accountID: try row.id("account_id"),
          currency: try row.currency("currency"), environment: try row.value("environment"),
          name: row["name"], bankBIC: row["bank_bic"], bankAccount: row["bank_account"],
          createTime: try row.time("create_time")))
    }
  }
}
