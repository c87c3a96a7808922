package import TransparencyLog

/// The stored log is not what it must be: nothing may be signed and the process must end.
package struct LogCorruption: Error, Sendable, Hashable, CustomStringConvertible {
  /// One line that names the part.
  package let description: String

  package init(_ description: String) { self.description = description }
}

extension EntryBody {
  /// Reads an entry that is stored. Throws `LogCorruption`, as nothing but an entry ever was.
  package init(stored bytes: [UInt8], at index: Int) throws {
    do {
      try self.init(bytes)
    } catch {
      throw LogCorruption("entry \(index) is altered")
    }
  }
}
