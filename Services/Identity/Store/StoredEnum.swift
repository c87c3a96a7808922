import GRDB
import Model

/// Enumerations are stored by their names in the protos, so that the database reads by itself.
enum StoredEnum {
  static func text(_ value: some ProtoEnum) throws -> String {
    guard let name = value.protoName else {
      throw DatabaseError(message: "a value that the protos do not define")
    }
    return name
  }

  static func value<Value: ProtoEnum>(_ column: String, of row: Row) throws -> Value {
    let name: String = row[column]
    guard let value = Value(protoName: name) else {
      throw DatabaseError(message: "\(column) holds the unknown value \(name)")
    }
    return value
  }

  /// The list of an SQL `IN`, for CHECK constraints.
  static func list<Value: ProtoEnum>(_ type: Value.Type) -> String {
    Value.allCases.filter { $0.rawValue != 0 }.compactMap(\.protoName).map { "'\($0)'" }
      .joined(separator: ", ")
  }
}
