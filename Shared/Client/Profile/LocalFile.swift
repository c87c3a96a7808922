import Foundation
import Glibc

/// Files of a profile: replaced whole or not at all.
package enum LocalFile {
  /// Reads a file; nil when there is none.
  package static func read(_ path: String) throws -> [UInt8]? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ClientError.fileFailure(path: path, reason: "not readable")
    }
    return [UInt8](data)
  }

  /// Writes a file that anyone may read through a temporary one beside it: readers see the old
  /// content or the new, and after a crash one of the two is there. For secrets, see `KeyFile`.
  package static func write(_ bytes: some Collection<UInt8>, to path: String) throws {
    let temporary = "\(path).\(getpid()).new"
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0o644)
    guard descriptor >= 0 else { throw failure(path) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      try handle.write(contentsOf: Data(bytes))
      try handle.synchronize()
      try handle.close()
    } catch {
      unlink(temporary)
      throw ClientError.fileFailure(path: path, reason: error.localizedDescription)
    }
    guard rename(temporary, path) == 0 else { throw failure(path) }
  }

  package static func write(_ text: String, to path: String) throws {
    try write(Array(text.utf8), to: path)
  }

  /// Moves a file, replacing one that is there.
  static func move(_ path: String, to destination: String) throws {
    guard rename(path, destination) == 0 else { throw failure(destination) }
  }

  /// Removes a file if it is there.
  package static func remove(_ path: String) throws {
    guard unlink(path) == 0 || errno == ENOENT else { throw failure(path) }
  }

  /// Makes a folder and those above it, closed to others when private.
  package static func makeFolder(_ path: String, isPrivate: Bool) throws {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true,
        attributes: [.posixPermissions: isPrivate ? 0o700 : 0o755])
    } catch {
      throw ClientError.fileFailure(path: path, reason: error.localizedDescription)
    }
  }

  /// The error of the last system call.
  static func failure(_ path: String) -> ClientError {
    ClientError.fileFailure(path: path, reason: String(cString: strerror(errno)))
  }
}
