package import GRDB
import GRDBSQLite
package import Model

/// A prepared statement of a hot path, bound and read column by column. GRDB's own arguments and rows box every value,
/// which costs more than SQLite's work on a row. Valid on the connection and in the function that made it; columns and
/// parameters are counted from 0.
package struct FastStatement {
  private let db: Database
  /// Keeps the handle alive.
  private let statement: Statement
  private let handle: SQLiteStatement

  /// The connection's statement for `sql`, prepared once.
  package init(_ db: Database, _ sql: String) throws {
    self.db = db
    statement = try db.cachedStatement(sql: sql)
    handle = statement.sqliteStatement
    sqlite3_reset(handle)
  }

  package func bind(_ value: Int64, at index: Int32) {
    sqlite3_bind_int64(handle, index + 1, value)
  }

  /// nil is NULL.
  package func bind<Entity>(_ id: Identifier<Entity>?, at index: Int32) {
    guard let id else {
      sqlite3_bind_null(handle, index + 1)
      return
    }
    var bytes = (id.high.bigEndian, id.low.bigEndian)
    // SQLITE_TRANSIENT: SQLite takes a copy.
    sqlite3_bind_blob(
      handle, index + 1, &bytes, 16, unsafeBitCast(-1, to: sqlite3_destructor_type.self))
  }

  package func bind(_ digest: Digest, at index: Int32) {
    digest.withBytes { bind(blob: $0, at: index) }
  }

  /// Bytes as a BLOB, of which SQLite takes a copy.
  package func bind(blob bytes: UnsafeRawBufferPointer, at index: Int32) {
    sqlite3_bind_blob(
      handle, index + 1, bytes.baseAddress, Int32(bytes.count),
      unsafeBitCast(-1, to: sqlite3_destructor_type.self))
  }

  /// Bytes as a BLOB, of which SQLite takes a copy.
  package func bind(_ bytes: [UInt8], at index: Int32) {
    bytes.withUnsafeBytes { bind(blob: $0, at: index) }
  }

  /// A text, of which SQLite takes a copy.
  package func bind(_ text: String, at index: Int32) {
    var text = text
    text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        _ = sqlite3_bind_text(
          handle, index + 1, characters.baseAddress, Int32(characters.count),
          unsafeBitCast(-1, to: sqlite3_destructor_type.self))
      }
    }
  }

  package func bindNull(at index: Int32) { sqlite3_bind_null(handle, index + 1) }

  /// Bytes that stay where they are until the statement has run or is bound anew.
  func bind(inPlace bytes: UnsafeRawBufferPointer, at index: Int32) {
    // No destructor: SQLITE_STATIC.
    sqlite3_bind_blob(handle, index + 1, bytes.baseAddress, Int32(bytes.count), nil)
  }

  func clearBindings() { sqlite3_clear_bindings(handle) }

  /// Goes to the next row; false when there is none, and the statement may be bound anew.
  /// - Throws: `DatabaseError`.
  package func step() throws -> Bool {
    let code = sqlite3_step(handle)
    if code == SQLITE_ROW { return true }
    sqlite3_reset(handle)
    guard code == SQLITE_DONE else {
      throw DatabaseError(
        resultCode: ResultCode(rawValue: code), message: db.lastErrorMessage,
        sql: statement.sql)
    }
    return false
  }

  /// Runs a statement that has no rows.
  /// - Throws: `DatabaseError`.
  package func run() throws {
    while try step() {}
  }

  /// Runs a statement that has to change one row.
  /// - Throws: `DatabaseError`; SQLITE_CONSTRAINT when it changed another number of rows.
  package func runOnOneRow() throws {
    try run()
    guard db.changesCount == 1 else {
      throw DatabaseError(
        resultCode: .SQLITE_CONSTRAINT, message: "\(db.changesCount) rows instead of one",
        sql: statement.sql)
    }
  }

  package func int64(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  package func isNull(_ column: Int32) -> Bool {
    sqlite3_column_type(handle, column) == SQLITE_NULL
  }

  /// The bytes of a TEXT or BLOB, valid until the next step.
  package func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
    let start = sqlite3_column_blob(handle, column)
    return UnsafeRawBufferPointer(
      start: start, count: Int(sqlite3_column_bytes(handle, column)))
  }

  /// Whether the column holds a BLOB.
  package func isBlob(_ column: Int32) -> Bool {
    sqlite3_column_type(handle, column) == SQLITE_BLOB
  }

  package func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }

  /// nil for anything but 32 bytes.
  package func digest(_ column: Int32) -> Digest? { Digest(bytes: bytes(column)) }

  /// nil for anything but 16 bytes.
  package func id<Entity>(_ column: Int32) -> Identifier<Entity>? {
    let bytes = bytes(column)
    guard bytes.count == 16 else { return nil }
    return Identifier(
      high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
      low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
  }

  /// Ends reading before the last row.
  package func reset() { sqlite3_reset(handle) }
}
