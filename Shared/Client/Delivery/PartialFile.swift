import Crypto
import Foundation
import Model

/// A file while it is being received: appended to in order, hashed on the way, and moved to its
/// place once its size and digest are those of the manifest.
struct PartialFile {
  private let expected: ContentManifest.File
  private let partialPath: String
  private let finalPath: String
  private var hasher = SHA256()
  private let handle: FileHandle
  /// Bytes held so far: where the next chunk must start.
  private(set) var sizeBytes: Int64 = 0

  /// Whether everything is there.
  var isComplete: Bool { sizeBytes == expected.sizeBytes }

  /// Whether the file is in its place already, as the manifest says.
  static func isDelivered(_ file: ContentManifest.File, in folder: String) throws -> Bool {
    let path = "\(folder)/\(file.path)"
    guard FileManager.default.fileExists(atPath: path) else { return false }
    let (size, digest) = try FileDigest.of(path)
    return size == file.sizeBytes && digest == file.sha256
  }

  /// Opens what an earlier attempt left, or starts anew when that is longer than the file.
  init(_ file: ContentManifest.File, in folder: String, state: String) throws {
    expected = file
    finalPath = "\(folder)/\(file.path)"
    partialPath = "\(state)/partial/\(file.sha256.hex)"
    try LocalFile.makeFolder(state + "/partial", isPrivate: false)
    if !FileManager.default.fileExists(atPath: partialPath) {
      try LocalFile.write([], to: partialPath)
    }
    sizeBytes = try FileDigest.update(&hasher, withFile: partialPath)
    if sizeBytes > file.sizeBytes {
      try LocalFile.write([], to: partialPath)
      hasher = SHA256()
      sizeBytes = 0
    }
    guard let handle = FileHandle(forWritingAtPath: partialPath) else {
      throw LocalFile.failure(partialPath)
    }
    self.handle = handle
    try failing { try handle.seekToEnd() }
  }

  /// Takes the next chunk. Throws when it is not the next one or runs past the end of the file.
  mutating func append(_ data: [UInt8], at offset: Int64) throws {
    guard offset == sizeBytes, sizeBytes + Int64(data.count) <= expected.sizeBytes else {
      throw ClientError.verification(
        .chunk(path: expected.path, expectedOffset: sizeBytes, actualOffset: offset))
    }
    try failing { try handle.write(contentsOf: Data(data)) }
    hasher.update(data)
    sizeBytes += Int64(data.count)
  }

  /// Moves the file to its place. Throws when it is not what the manifest says; what was received
  /// is dropped then, for resuming could not mend it.
  func finish() throws {
    let digest = hasher.finalize()
    guard isComplete, digest == expected.sha256 else {
      try LocalFile.remove(partialPath)
      throw ClientError.verification(
        .file(path: expected.path, expected: expected.sha256, actual: digest))
    }
    try failing { try handle.synchronize() }
    try LocalFile.makeFolder(
      finalPath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        .joined(separator: "/"), isPrivate: false)
    try LocalFile.move(partialPath, to: finalPath)
  }

  private func failing<Value>(_ body: () throws -> Value) throws {
    do {
      _ = try body()
    } catch {
      throw ClientError.fileFailure(path: partialPath, reason: error.localizedDescription)
    }
  }
}
