package import AuditDomain
package import GRDB
import Model

/// Whether the database file holds together: its pages, its indexes and the constraints of its tables.
package struct FileInspection {
  private static let reported = 10
  private let db: Database

  package init(_ db: Database) { self.db = db }

  package func faults() throws -> [LogFault] {
    try String.fetchAll(db, sql: "PRAGMA integrity_check(\(Self.reported))")
      .filter { $0 != "ok" }
      .map { problem in
        LogFault(.database, "", Text(vi: "SQLite: \(problem)", en: "SQLite: \(problem)"))
      }
  }
}
