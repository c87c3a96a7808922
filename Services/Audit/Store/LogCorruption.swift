/// The stored log is not what it must be: nothing may be signed and the process must end.
package struct LogCorruption: Error, Sendable, Hashable, CustomStringConvertible {
  /// One line that names the part.
  package let description: String

  package init(_ description: String) { self.description = description }
}
