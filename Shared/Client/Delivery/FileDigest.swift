package import Crypto
import Foundation
package import Model

/// SHA-256 of files too large for memory.
package enum FileDigest {
  /// Feeds a whole file to a hasher, a piece at a time, and returns its size.
  package static func update(_ hasher: inout SHA256, withFile path: String) throws -> Int64 {
    guard let file = FileHandle(forReadingAtPath: path) else {
      throw ClientError.fileFailure(path: path, reason: "not readable")
    }
    var size: Int64 = 0
    do {
      while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty {
        hasher.update([UInt8](piece))
        size += Int64(piece.count)
      }
      try file.close()
    } catch {
      throw ClientError.fileFailure(path: path, reason: error.localizedDescription)
    }
    return size
  }

  /// Size and SHA-256 of a file.
  package static func of(_ path: String) throws -> (sizeBytes: Int64, sha256: Digest) {
    var hasher = SHA256()
    let size = try update(&hasher, withFile: path)
    return (size, hasher.finalize())
  }
}
