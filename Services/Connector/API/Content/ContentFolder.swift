import ConnectorDomain
import Crypto
import Foundation
import Model
import Synchronization

/// The folder whose files are served. A file is opened only as what the manifest says it is: whole,
/// by size and SHA-256. A file that has been verified is not hashed again until it changes.
final class ContentFolder: Sendable {
  /// Files remembered at most.
  private static let memoryLimit = 10_000

  private let path: String
  private let verified = Mutex<[ContentHandle.Stamp: Digest]>([:])

  init(path: String) { self.path = path }

  /// Throws `ConnectorError.contentMissing` or `.contentChanged`.
  func open(_ file: ContentManifest.File, of revision: RevisionID) async throws -> VerifiedFile {
    try await BlockingWork.run {
      let handle = try ContentHandle(file.path, below: self.root(of: revision))
      let stamp = try handle.stamp()
      guard stamp.sizeBytes == file.sizeBytes,
        try self.digest(of: handle, stamp) == file.sha256, try handle.stamp() == stamp
      else { throw ConnectorError.contentChanged(path: file.path) }
      return VerifiedFile(handle: handle, stamp: stamp)
    }
  }

  /// The folder of the revision, if it has one of its own.
  private func root(of revision: RevisionID) -> String {
    let own = "\(path)/\(revision)"
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: own, isDirectory: &isFolder)
    return exists && isFolder.boolValue ? own : path
  }

  private func digest(of handle: ContentHandle, _ stamp: ContentHandle.Stamp) throws -> Digest {
    if let known = verified.withLock({ $0[stamp] }) { return known }
    let digest = try handle.digest()
    verified.withLock { verified in
      if verified.count >= Self.memoryLimit { verified.removeAll() }
      verified[stamp] = digest
    }
    return digest
  }
}

/// An open file that is what its manifest says, and is watched to stay so.
struct VerifiedFile: Sendable {
  let handle: ContentHandle
  let stamp: ContentHandle.Stamp

  /// The next bytes. Throws `ConnectorError.contentChanged` when the file was touched since it was
  /// verified: what was read then is not handed out.
  func read(at offset: Int64, count: Int) async throws -> [UInt8] {
    try await BlockingWork.run {
      let bytes = try handle.read(at: offset, count: count)
      guard bytes.count == count, try handle.stamp() == stamp else {
        throw ConnectorError.contentChanged(path: handle.path)
      }
      return bytes
    }
  }
}
