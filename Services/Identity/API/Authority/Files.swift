import Foundation
import ServiceRuntime

enum Folder {
  /// Makes the folder for its owner alone.
  static func make(_ path: String) throws(StartupError) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw StartupError(.cannotWrite, "cannot make the folder \(path)")
    }
  }
}

enum PublicFile {
  /// Writes what everybody may read, whole or not at all.
  static func write(_ text: String, to path: String) throws(StartupError) {
    do {
      try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
    } catch {
      throw StartupError(.cannotWrite, "cannot write \(path)")
    }
  }
}
