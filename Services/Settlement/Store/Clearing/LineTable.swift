package import GRDB
package import Model
import ServiceRuntime
package import SettlementDomain

/// The lines of banks' reports, each kept with what became of it.
package struct LineTable {
  let db: Database

  package init(_ db: Database) { self.db = db }

  package struct Stored: Sendable, Hashable {
    package let number: Int64
    package let environment: TypeV1.Environment
    package let kind: String
    package let messageID: String
    package let reference: String
    package let endToEndID: String
    package let amount: Int64
    package let currencyCode: String
    package let direction: Int32
    package let outcome: Int32
    package let reason: Int32
    package let statusText: String
    package let windowID: WindowID?
    package let importTime: Timestamp
  }

  package func isKnown(
    _ line: BankLine, of report: BankReport, _ environment: TypeV1.Environment
  ) throws -> Bool {
    let statement = try db.cachedStatement(
      sql: """
        SELECT 1 FROM statement_line
        WHERE environment = ? AND kind = ? AND message_id = ? AND key = ?
        """)
    return try Int.fetchOne(
      statement,
      arguments: [environment.rawValue, report.kind.rawValue, report.messageID, line.key]) != nil
  }

  package func insert(
    _ line: BankLine, of report: BankReport, _ environment: TypeV1.Environment,
    _ verdict: LineVerdict, _ window: WindowID?, at now: Timestamp
  ) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO statement_line (environment, kind, message_id, key, reference, end_to_end_id,
          amount, currency, direction, outcome, reason, status_text, window, import_time)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
          (SELECT number FROM clearing_window WHERE id = ?), ?)
        """)
    try statement.execute(arguments: [
      environment.rawValue, report.kind.rawValue, report.messageID, line.key, line.proof,
      line.endToEndID, line.amount, line.currency?.code, line.direction?.rawValue, verdict.code,
      verdict.reason?.rawValue, line.statusText, window, now,
    ])
  }

  /// Lines with numbers above `after`, oldest first.
  package func list(
    unmatchedOnly: Bool, _ environment: TypeV1.Environment?, after: Int64, limit: Int
  ) throws -> [Stored] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT l.*, w.id AS window_id FROM statement_line l
          LEFT JOIN clearing_window w ON w.number = l.window
        WHERE \(unmatchedOnly ? "l.outcome = 5" : "TRUE") AND (?1 IS NULL OR l.environment = ?1)
          AND l.number > ?2 ORDER BY l.number LIMIT ?3
        """)
    return try Row.fetchAll(statement, arguments: [environment?.rawValue, after, limit]).map {
      row in
      Stored(
        number: row["number"], environment: try row.value("environment"), kind: row["kind"],
        messageID: row["message_id"], reference: row["reference"],
        endToEndID: row["end_to_end_id"], amount: row["amount"],
        currencyCode: row["currency"] ?? "", direction: row["direction"] ?? 0,
        outcome: row["outcome"], reason: row["reason"] ?? 0, statusText: row["status_text"],
        windowID: try row.idIfPresent("window_id"), importTime: try row.time("import_time"))
    }
  }
}
