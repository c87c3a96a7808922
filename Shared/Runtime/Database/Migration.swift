package import GRDB

/// One step of a database's schema. A database's version (`PRAGMA user_version`) is the number of
/// steps applied to it; steps are only ever appended to a service's list, never edited or removed.
package struct Migration: Sendable {
  /// What the step does, for logs and error messages: "orders and agreements".
  package let name: String
  let apply: @Sendable (Database) throws -> Void

  /// A step in Swift, run in one transaction together with the change of version.
  package init(_ name: String, apply: @escaping @Sendable (Database) throws -> Void) {
    self.name = name
    self.apply = apply
  }

  /// A step of one or more SQL statements. Tables are STRICT, with their invariants as constraints.
  package init(_ name: String, sql: String) {
    self.init(name) { db in try db.execute(sql: sql) }
  }
}
