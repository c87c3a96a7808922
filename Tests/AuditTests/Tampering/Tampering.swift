import AuditDomain
import AuditStore
import GRDB
import Model
import ServiceRuntime
import TestSupport

/// One change of a database that only somebody with the file can make.
struct Tampering: CustomStringConvertible {
  enum Kind: Hashable {
    case altered(String)
    case removed
    case slippedIn
  }
  let table: String
  let kind: Kind
  /// As it was; of a row slipped in, what it is a copy of.
  let row: Row
  /// Columns with other values than `row`.
  var changes: [String: DatabaseValue] = [:]

  var description: String {
    "\(table) \(kind) \(row) \(changes)"
  }

  // MARK: What there is

  static func tables(_ db: Database) throws -> [String] {
    try String.fetchAll(
      db,
      sql: """
        SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name
        """)
  }

  static func columns(of table: String, _ db: Database) throws -> [String] {
    try db.columns(in: table).map(\.name)
  }

  static func rows(
    _ table: String, _ count: Int, _ db: Database, using generator: inout SplitMix64
  ) throws -> [Row] {
    let rows = try Row.fetchAll(db, sql: "SELECT * FROM \(table)")
    return count < rows.count ? Array(rows.shuffled(using: &generator).prefix(count)) : rows
  }

  // MARK: Changes

  /// One byte of a column in some rows: one of it, or each.
  static func alterations(
    _ table: String, _ column: String, rows count: Int, eachByte: Bool, _ db: Database,
    using generator: inout SplitMix64
  ) throws -> [Tampering] {
    try rows(table, count, db, using: &generator).flatMap { row -> [Tampering] in
      let value: DatabaseValue = row[column]
      let places: [Int?] = eachByte ? Array(0..<bytes(of: value)) : [nil]
      return places.map { place -> Tampering in
        let other = altered(value, at: place, using: &generator)
        return Tampering(
          table: table, kind: .altered(column), row: row, changes: [column: other])
      }
    }
  }

  /// Copies of rows under another key.
  static func insertions(
    _ table: String, rows count: Int, _ db: Database, using generator: inout SplitMix64
  ) throws -> [Tampering] {
    let primary = try db.primaryKey(table).columns
    let unique = try db.indexes(on: table).filter(\.isUnique).map(\.columns)
    let others = Set(unique.flatMap(\.self)).subtracting(primary)
    return try rows(table, count, db, using: &generator).map { row in
      var changes: [String: DatabaseValue] = [:]
      for column in [primary.randomElement(using: &generator) ?? ""] + others.sorted() {
        changes[column] = altered(row[column], at: nil, using: &generator)
      }
      return Tampering(table: table, kind: .slippedIn, row: row, changes: changes)
    }
  }

  private static func bytes(of value: DatabaseValue) -> Int {
    switch value.storage {
    case .int64: 8
    case .string(let text): text.utf8.count
    case .blob(let data): data.count
    default: 1
    }
  }

  /// Another value, which differs in one byte.
  private static func altered(
    _ value: DatabaseValue, at place: Int?, using generator: inout SplitMix64
  ) -> DatabaseValue {
    let bit = UInt8.random(in: 0..<8, using: &generator)
    let place = place ?? Int.random(in: 0..<max(1, bytes(of: value)), using: &generator)
    switch value.storage {
    case .int64(let number):
      return (number ^ Int64(bitPattern: 1 << (UInt64(place) * 8 + UInt64(bit)))).databaseValue
    case .string(let text):
      var bytes = Array(text.utf8)
      guard !bytes.isEmpty else { return "x".databaseValue }
      // Any but the highest bit: the rest of the text stays what it is.
      bytes[place] ^= 1 << (bit % 7)
      return String(decoding: bytes, as: UTF8.self).databaseValue
    case .blob(let data):
      var bytes = Array(data)
      guard !bytes.isEmpty else { return Blob([0]).databaseValue }
      bytes[place] ^= 1 << bit
      return Blob(bytes).databaseValue
    default: return Blob(Array(repeating: 7, count: 32)).databaseValue
    }
  }

  /// False when the database does not allow it, whoever asks: its types and its uniqueness.
  func apply(_ db: Database) throws -> Bool {
    do {
      switch kind {
      case .altered(let column):
        try db.execute(
          sql: "UPDATE \(table) SET \(column) = ? WHERE \(condition)",
          arguments: StatementArguments([changes[column] ?? .null] + values))
      case .removed:
        try db.execute(
          sql: "DELETE FROM \(table) WHERE \(condition)", arguments: StatementArguments(values))
      case .slippedIn:
        let places = row.columnNames.map { _ in "?" }.joined(separator: ", ")
        try db.execute(
          sql: "INSERT INTO \(table) VALUES (\(places))",
          arguments: StatementArguments(row.columnNames.map { changes[$0] ?? row[$0] }))
      }
    } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
      return false
    }
    return db.changesCount == 1
  }

  private var condition: String { row.columnNames.map { "\($0) IS ?" }.joined(separator: " AND ") }
  private var values: [DatabaseValue] { row.columnNames.map { row[$0] as DatabaseValue } }

  // MARK: What is found

  /// Whether the faults name the row, or what is missed or altered because of it; and nothing else.
  func isNamed(by faults: [LogFault]) -> Bool {
    guard let expected = Self.parts[table] else { return !faults.isEmpty }
    // What follows a row that is gone may be what tells of it.
    let keys = kind == .removed ? [] : Self.keys[table].map { rowKeys($0) } ?? []
    let isNamed = faults.contains {
      expected.contains($0.part) && (keys.isEmpty || keys.contains($0.key))
    }
    let namesOthers = faults.contains { fault in
      guard expected.contains(fault.part) else { return !consequences.contains(fault.part) }
      return Self.exact.contains(table) && !keys.isEmpty && !keys.contains(fault.key)
    }
    return isNamed && !namesOthers
  }

  /// What else is missed when the row is: an entry may be the one that tells of an erasure.
  private var consequences: Set<AuditV1.LogPart> {
    table == "entry" && (row["kind"] as String?) == StoredErasure.kind ? [.erasure, .details] : []
  }

  /// The keys of the row before and after.
  private func rowKeys(_ columns: [String]) -> [String] {
    func key(_ value: (String) -> DatabaseValue) -> String {
      columns.map { column in
        let value = value(column)
        return String.fromDatabaseValue(value) ?? Int64.fromDatabaseValue(value).map(String.init)
          ?? ""
      }.joined(separator: "/")
    }
    return [key { row[$0] }, key { changes[$0] ?? row[$0] }]
  }

  /// Tables a change of whose rows touches nothing else.
  private static let exact: Set = ["entry", "tile", "details", "posting", "producer_seq"]

  private static let keys = [
    "entry": ["idx"], "tile": ["level", "n"], "checkpoint": ["size"], "details": ["idx"],
    "posting": ["idx"], "producer_seq": ["producer"], "erasure": ["idx"],
    "cosignature": ["size"],
  ]

  private static let parts: [String: Set<AuditV1.LogPart>] = [
    "entry": [.entry], "tile": [.tile], "checkpoint": [.checkpoint, .cosignature],
    "producer_seq": [.producer], "details": [.details], "posting": [.subject],
    "subject": [.details, .subject, .database], "span": [.database],
    "erasure": [.erasure], "erased_entry": [.details, .erasure],
    "cosignature": [.cosignature], "witness": [.witness, .cosignature],
  ]
}
