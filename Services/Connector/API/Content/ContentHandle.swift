import ConnectorDomain
import Crypto
import Glibc
import Model

/// An open file of a revision, found without following any symbolic link.
final class ContentHandle: Sendable {
  /// What tells one state of a file from another.
  struct Stamp: Sendable, Hashable {
    let device: UInt64
    let inode: UInt64
    let sizeBytes: Int64
    /// Seconds and nanoseconds of the last change of content, and of content or attributes.
    let modified: [Int]
    let changed: [Int]
  }

  let path: String
  private let descriptor: Int32

  /// Opens `path` below `root`. Throws `ConnectorError.contentMissing` for a part that is a link,
  /// and for anything but a regular file.
  init(_ path: String, below root: String) throws {
    self.path = path
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard let name = parts.last, parts.allSatisfy({ !["", ".", ".."].contains($0) }) else {
      throw ConnectorError.contentMissing(path: path)
    }
    var folder = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    for part in parts.dropLast() where folder >= 0 {
      let next = openat(folder, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      close(folder)
      folder = next
    }
    guard folder >= 0 else { throw ConnectorError.contentMissing(path: path) }
    // Without O_NONBLOCK a pipe put in the place of a file would hold the thread for ever.
    descriptor = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    close(folder)
    guard descriptor >= 0 else { throw ConnectorError.contentMissing(path: path) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw ConnectorError.contentMissing(path: path)
    }
  }

  deinit { close(descriptor) }

  func stamp() throws -> Stamp {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw ConnectorError.contentMissing(path: path) }
    return Stamp(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino),
      sizeBytes: Int64(status.st_size),
      modified: [status.st_mtim.tv_sec, status.st_mtim.tv_nsec],
      changed: [status.st_ctim.tv_sec, status.st_ctim.tv_nsec])
  }

  /// Up to `count` bytes from `offset`; fewer at the end of the file only.
  func read(at offset: Int64, count: Int) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let read = pread(
          descriptor, buffer.baseAddress.map { $0 + filled }, count - filled,
          off_t(offset) + off_t(filled))
        if read < 0 && errno == EINTR { continue }
        guard read >= 0 else { throw ConnectorError.contentMissing(path: path) }
        if read == 0 { break }
        filled += read
      }
    }
  }

  /// SHA-256 of the whole file.
  func digest() throws -> Digest {
    var hasher = SHA256()
    var position: Int64 = 0
    while true {
      let piece = try read(at: position, count: 1 << 20)
      hasher.update(piece)
      position += Int64(piece.count)
      if piece.count < 1 << 20 { return hasher.finalize() }
    }
  }
}
