import Foundation

extension ServiceConfiguration {
  /// The bytes of the file that a setting names; nil when it has no value.
  /// - Throws: `StartupError` when the file cannot be read or has more than `limit` bytes.
  package func file(_ name: String, limit: Int) throws(StartupError) -> [UInt8]? {
    guard let path = string(name) else { return nil }
    guard let file = FileHandle(forReadingAtPath: path),
      let data = try? file.read(upToCount: limit + 1)
    else { throw StartupError(.missingInput, "\(name): \(path) cannot be read") }
    guard data.count <= limit else {
      throw StartupError(.badData, "\(name): \(path) is too large")
    }
    return Array(data)
  }
}
