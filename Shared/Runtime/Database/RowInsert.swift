package import GRDB
package import Model

/// Inserts many rows with one statement of a hot path. Ids are bound where they are: a copy of each, as SQLite would
/// make it, costs more than storing it.
// Not many rows at a time: SQLite then looks for children of each row of a table that others refer to.
package struct RowInsert {
  private let statement: FastStatement
  private let columns: Int

  /// - Parameter columns: how many the table has.
  package init(_ db: Database, into table: String, columns: Int) throws {
    let row = Array(repeating: "?", count: columns).joined(separator: ", ")
    statement = try FastStatement(db, "INSERT INTO \(table) VALUES (\(row))")
    self.columns = columns
  }

  /// Inserts `count` rows; `bind` binds every column of the one that it is asked for.
  /// - Throws: `DatabaseError`; what was inserted before stays.
  package func run(_ count: Int, bind: (Int, BoundRow) -> Void) throws {
    try withUnsafeTemporaryAllocation(byteCount: columns * BoundRow.idBytes, alignment: 8) {
      let row = BoundRow(statement: statement, scratch: $0)
      defer { statement.clearBindings() }
      for index in 0..<count {
        bind(index, row)
        try statement.run()
      }
    }
  }
}

/// The row that a `RowInsert` is about to insert, its columns counted from 0.
package struct BoundRow {
  fileprivate static let idBytes = 16
  fileprivate let statement: FastStatement
  /// Room for an id in every column: it stays where it is until the statement has run.
  fileprivate let scratch: UnsafeMutableRawBufferPointer

  package func bind(_ value: Int64, at column: Int32) { statement.bind(value, at: column) }

  /// nil is NULL.
  package func bind<Entity>(_ id: Identifier<Entity>?, at column: Int32) {
    guard let id else { return statement.bindNull(at: column) }
    let place = Int(column) * Self.idBytes
    scratch.storeBytes(of: id.high.bigEndian, toByteOffset: place, as: UInt64.self)
    scratch.storeBytes(of: id.low.bigEndian, toByteOffset: place + 8, as: UInt64.self)
    statement.bind(
      inPlace: UnsafeRawBufferPointer(rebasing: scratch[place..<place + Self.idBytes]), at: column)
  }

  package func bindNull(at column: Int32) { statement.bindNull(at: column) }
}
