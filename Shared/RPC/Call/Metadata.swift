/// Call metadata: HTTP/2 header fields in the order received, names in lower case, without gRPC's own.
package struct Metadata: Sendable, Hashable {
  package struct Field: Sendable, Hashable {
    package let name: String
    package let value: String
  }

  package private(set) var fields: [Field] = []

  package init() {}

  package init(_ pairs: [(String, String)]) {
    fields.reserveCapacity(pairs.count)
    for (name, value) in pairs { add(name, value) }
  }

  package mutating func add(_ name: String, _ value: String) {
    fields.append(Field(name: name.lowercased(), value: value))
  }

  mutating func addLowercase(_ name: String, _ value: String) {
    fields.append(Field(name: name, value: value))
  }

  /// The first value of the field; names are compared in lower case.
  package subscript(name: String) -> String? {
    fields.first { $0.name == name }?.value
  }

  /// All values of the field.
  package func all(_ name: String) -> [String] {
    fields.lazy.filter { $0.name == name }.map(\.value)
  }
}
