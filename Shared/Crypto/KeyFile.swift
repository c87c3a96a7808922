import Glibc

/// Files that hold keys: created with mode 0600 and refused when anybody else could read them.
package enum KeyFile {
  private static let limit = 1 << 20

  /// Writes the file whole or not at all, replacing one that is there; on disk when it returns.
  /// Throws `CryptoError.keyFile`.
  package static func write(_ contents: some Collection<UInt8>, to path: String) throws {
    let temporary = "\(path).\(Random.bytes(4).map { String($0, radix: 16) }.joined()).new"
    let file = Glibc.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw problem(path, "cannot be created: \(errorText())") }
    let isWritten = withBytes(of: contents) { writeAll($0, to: file) }
    let failure = isWritten && fsync(file) == 0 ? nil : errorText()
    close(file)
    guard failure == nil, rename(temporary, path) == 0 else {
      let reason = failure ?? errorText()
      unlink(temporary)
      throw problem(path, "cannot be written: \(reason)")
    }
    syncFolder(of: path)
  }

  package static func write(_ text: String, to path: String) throws {
    try write(text.utf8, to: path)
  }

  /// Reads the file. Throws `CryptoError.keyFile` when it is missing, not a regular file, over 1 MiB, or
  /// readable or writable by group or others.
  package static func read(_ path: String) throws -> [UInt8] {
    let file = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw problem(path, "cannot be read: \(errorText())") }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else {
      throw problem(path, "cannot be read: \(errorText())")
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw problem(path, "is not a file") }
    guard status.st_mode & 0o077 == 0 else {
      throw problem(path, "is open to other users; its mode must be 0600")
    }
    guard status.st_size <= limit else { throw problem(path, "is too large") }
    var contents = [UInt8](repeating: 0, count: Int(status.st_size))
    var filled = 0
    while filled < contents.count {
      let count = contents.withUnsafeMutableBytes {
        Glibc.read(file, $0.baseAddress.map { $0 + filled }, $0.count - filled)
      }
      guard count > 0 else { throw problem(path, "cannot be read") }
      filled += count
    }
    return contents
  }

  /// The file as text. Throws as `read` does, and for bytes that are not UTF-8.
  package static func readText(_ path: String) throws -> String {
    guard let text = String(validating: try read(path), as: UTF8.self) else {
      throw problem(path, "is not text")
    }
    return text
  }

  private static func writeAll(_ bytes: UnsafeBufferPointer<UInt8>, to file: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Glibc.write(file, UnsafeBufferPointer(rebasing: rest).baseAddress, rest.count)
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// The rename itself must reach the disk; a file system that cannot do so is no reason to fail.
  private static func syncFolder(of path: String) {
    let end = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let folder = end.map { String(path[...$0]) } ?? "."
    let file = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard file >= 0 else { return }
    fsync(file)
    close(file)
  }

  private static func problem(_ path: String, _ text: String) -> CryptoError {
    .keyFile(path: path, problem: text)
  }

  private static func errorText() -> String { String(cString: strerror(errno)) }
}
