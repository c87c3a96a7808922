import Foundation

/// A new folder, mode 0700, that is gone with the last reference to it.
package final class TemporaryDirectory: Sendable {
  package let path: String

  package convenience init() throws {
    try self.init(
      FileManager.default.temporaryDirectory.appending(path: "ndx-\(UUID().uuidString)"))
  }

  /// A folder within another, which has to be kept as long.
  package convenience init(_ name: String, in parent: TemporaryDirectory) throws {
    try self.init(URL(filePath: parent.file(name)))
  }

  private init(_ url: URL) throws {
    try FileManager.default.createDirectory(
      at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    path = url.path(percentEncoded: false)
  }

  /// The path of a file in it.
  package func file(_ name: String) -> String { path + "/" + name }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
