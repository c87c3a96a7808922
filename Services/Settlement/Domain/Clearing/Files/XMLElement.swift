/// An element of a document that was read, with what it holds.
package struct XMLElement: Sendable, Hashable {
  /// Without prefix.
  package let name: String
  /// The line it begins in, from 1.
  package let line: Int
  package var attributes: [String: String] = [:]
  /// Its own text, without white space at either end.
  package var text = ""
  package var children: [XMLElement] = []

  /// The first child of a name.
  package func child(_ name: String) -> XMLElement? { children.first { $0.name == name } }

  package func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

  /// What lies along a path of names, the first of each.
  package func at(_ path: String...) -> XMLElement? {
    path.reduce(Optional(self)) { $0?.child($1) }
  }
}
