import Foundation
import GRDB

/// Copies of a service's database: made while the service runs, checked before they count, and put back while it does
/// not. A copy holds what was committed when it began; nothing that was erased is in it.
package struct DatabaseBackup: Sendable {
  private let file: DatabaseFile
  private let migrations: Int

  /// - Parameter path: of the service's own database.
  package init(of path: String, service: String, migrations: [Migration]) {
    file = DatabaseFile(path: path, service: service)
    self.migrations = migrations.count
  }

  /// Copies the database to a new file that only the owner may read.
  /// - Throws: when there is no database, the file exists or cannot be written, or the copy is not sound; then
  ///   nothing is left of it.
  package func make(at target: String) throws(StartupError) {
    try requireDatabase(file.path)
    try create(target)
    let partial = target + ".partial"
    defer { unlink(partial) }
    do {
      unlink(partial)
      try create(partial)
      let source = try connection(to: file.path)
      try source.writeWithoutTransaction { db in
        try db.execute(sql: "VACUUM INTO ?", arguments: [partial])
      }
      try source.close()
      try verify(partial)
      try place(partial, at: target)
    } catch {
      unlink(target)
      throw failure(error, target)
    }
  }

  /// Puts a copy in the place of the database of a service that does not run.
  ///
  /// - Parameter replacing: whether one that is there is set aside, under its name and `.replaced`; otherwise it
  ///   is a reason to refuse.
  /// - Throws: when the service runs, the copy is not sound, of another service or of a newer program, or the
  ///   place is taken; then nothing has changed.
  package func restore(from source: String, replacing: Bool) throws(StartupError) {
    try requireDatabase(source)
    let folder = URL(filePath: file.path).deletingLastPathComponent().path(percentEncoded: false)
    guard FileManager.default.fileExists(atPath: folder) else {
      throw StartupError(.missingInput, "there is no folder \(folder)")
    }
    let lock = try FileLock(file.path + ".lock", of: file.path)
    defer { lock.release() }
    let partial = file.path + ".restoring"
    defer { unlink(partial) }
    do {
      unlink(partial)
      try create(partial)
      try copy(source, to: partial)
      try verify(partial)
      try setAside(replacing: replacing)
      try place(partial, at: file.path)
    } catch {
      throw failure(error, source)
    }
  }

  /// Whether a file is a sound database of the service, no newer than this program.
  private func verify(_ path: String) throws {
    let queue = try connection(to: path)
    let (owner, version, problems) = try queue.writeWithoutTransaction { db in
      (
        try Int32.fetchOne(db, sql: "PRAGMA application_id"),
        try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0,
        try String.fetchAll(db, sql: "PRAGMA integrity_check(1)").filter { $0 != "ok" }
          + Row.fetchAll(db, sql: "PRAGMA foreign_key_check").prefix(1).map { "\($0)" }
      )
    }
    try queue.close()
    guard owner == file.applicationID else {
      throw StartupError(.badData, "\(path) is not a database of \(file.service)")
    }
    guard version <= migrations else {
      throw StartupError(
        .badData, "\(path) has schema \(version), newer than this program's \(migrations)")
    }
    if let problem = problems.first {
      throw StartupError(.badData, "\(path) is corrupt: \(problem)")
    }
  }

  private func connection(to path: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    configuration.busyMode = .timeout(DatabaseLimits.standard.busyTimeoutSeconds)
    return try DatabaseQueue(path: path, configuration: configuration)
  }

  private func requireDatabase(_ path: String) throws(StartupError) {
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw StartupError(.missingInput, "there is no database \(path)")
    }
    defer { try? handle.close() }
    guard (try? handle.read(upToCount: 16)) == Data("SQLite format 3\0".utf8) else {
      throw StartupError(.badData, "\(path) is not an NDX database or is corrupt")
    }
  }

  private func create(_ path: String) throws(StartupError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw StartupError(.cannotWrite, "cannot make \(path): \(String(cString: strerror(errno)))")
    }
    close(descriptor)
  }

  private func copy(_ source: String, to target: String) throws {
    let input = try FileHandle(forReadingFrom: URL(filePath: source))
    let output = try FileHandle(forWritingTo: URL(filePath: target))
    while let bytes = try input.read(upToCount: 1 << 20), !bytes.isEmpty {
      try output.write(contentsOf: bytes)
    }
    try output.close()
    try input.close()
  }

  /// Makes room for the copy. A log of changes that belongs to the old file must never meet the new one.
  private func setAside(replacing: Bool) throws {
    let companions = ["", "-wal", "-shm"].filter {
      FileManager.default.fileExists(atPath: file.path + $0)
    }
    guard !companions.isEmpty else { return }
    guard replacing else {
      throw StartupError(.cannotWrite, "\(file.path) exists; --replace sets it aside")
    }
    let aside = file.path + ".replaced"
    for suffix in ["", "-wal", "-shm"] { unlink(aside + suffix) }
    for suffix in companions.reversed() {
      guard rename(file.path + suffix, aside + suffix) == 0 else {
        throw StartupError(.cannotWrite, "cannot set \(file.path)\(suffix) aside")
      }
    }
  }

  /// Gives a file that is whole and on disk its name.
  private func place(_ partial: String, at path: String) throws(StartupError) {
    let folder = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
    guard sync(partial, O_RDWR), rename(partial, path) == 0, sync(folder, O_RDONLY | O_DIRECTORY)
    else {
      throw StartupError(.cannotWrite, "cannot write \(path): \(String(cString: strerror(errno)))")
    }
  }

  private func sync(_ path: String, _ mode: Int32) -> Bool {
    let descriptor = open(path, mode | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return fsync(descriptor) == 0
  }

  private func failure(_ error: any Error, _ path: String) -> StartupError {
    switch error {
    case let error as StartupError: error
    case let error as DatabaseError
    where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode):
      StartupError(.badData, "\(path) is corrupt")
    default: StartupError(.cannotWrite, "\(path): \(error)")
    }
  }
}
