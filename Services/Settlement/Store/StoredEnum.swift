import GRDB
import Model
import ServiceRuntime

extension Row {
  /// An enumeration of the domain, stored as its raw value. Throws for a value that it does not have.
  func value<Value: RawRepresentable>(_ column: String) throws -> Value
  where Value.RawValue == Int32 {
    guard let value = Value(rawValue: try decode(Int32.self, forColumn: column)) else {
      throw StoredValueError(column: column)
    }
    return value
  }

  func currency(_ column: String) throws -> Currency {
    guard let currency = Currency(try decode(String.self, forColumn: column)) else {
      throw StoredValueError(column: column)
    }
    return currency
  }

  func id<Entity>(_ column: String) throws -> Identifier<Entity> {
    try decode(Identifier<Entity>.self, forColumn: column)
  }

  func idIfPresent<Entity>(_ column: String) throws -> Identifier<Entity>? {
    try decode(Identifier<Entity>?.self, forColumn: column)
  }

  func time(_ column: String) throws -> Timestamp { try decode(Timestamp.self, forColumn: column) }
}

/// A stored value that cannot be: the database was altered from outside.
struct StoredValueError: Error, CustomStringConvertible {
  let column: String

  var description: String { "the column \(column) holds a value that it cannot have" }
}
