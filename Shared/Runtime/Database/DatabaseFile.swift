import CDatabaseFiles
import Foundation
import GRDB
import Logging

/// The checks and settings between a path and an open database.
struct DatabaseFile {
  let path: String
  let service: String

  /// The `application_id` of the service's databases: FNV-1a of "ndx." and its name.
  var applicationID: Int32 {
    let hash = "ndx.\(service)".utf8.reduce(UInt32(2_166_136_261)) {
      ($0 ^ UInt32($1)) &* 16_777_619
    }
    return Int32(bitPattern: hash)
  }

  /// Makes the folder and an empty file that only the owner may read.
  func prepare() throws(StartupError) {
    let folder = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw StartupError(.cannotWrite, "cannot make the folder \(folder)")
    }
    guard access(folder, W_OK | X_OK) == 0 else {
      throw StartupError(.cannotWrite, "the folder \(folder) cannot be written")
    }
    let descriptor = Foundation.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw StartupError(.cannotWrite, "cannot open \(path): \(String(cString: strerror(errno)))")
    }
    defer { Foundation.close(descriptor) }
    var header = [UInt8](repeating: 0, count: 16)
    let count = Foundation.read(descriptor, &header, 16)
    guard count == 0 || header == Array("SQLite format 3\0".utf8) else {
      throw StartupError(.badData, "\(path) is not an NDX database or is corrupt")
    }
  }

  func open(_ limits: DatabaseLimits) throws(StartupError) -> DatabasePool {
    guard database_files_install() == 0 else {
      throw StartupError(.cannotWrite, "SQLite does not take our way of writing its log")
    }
    var configuration = Configuration()
    configuration.label = service
    configuration.busyMode = .timeout(limits.busyTimeoutSeconds)
    configuration.maximumReaderCount = limits.readers
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA cache_size = -\(limits.cacheKibibytes)")
    }
    do {
      let pool = try DatabasePool(path: path, configuration: configuration)
      try pool.writeWithoutTransaction { db in
        // GRDB lowers it to NORMAL when it turns WAL on, and NORMAL loses the last commits with the power.
        try db.execute(sql: "PRAGMA synchronous = FULL")
        try db.execute(sql: "PRAGMA wal_autocheckpoint = \(limits.checkpointPages)")
        // A commit that does not fit is written twice.
        try db.execute(sql: "PRAGMA cache_size = -\(limits.writerCacheKibibytes)")
      }
      return pool
    } catch {
      throw failure(error)
    }
  }

  func check(_ pool: DatabasePool, _ limits: DatabaseLimits) throws(StartupError) {
    let owner: Int32
    let problem: String?
    do {
      (owner, problem) = try pool.writeWithoutTransaction { db in
        let owner = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let tables = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM sqlite_schema") ?? 0
        if owner == 0 && tables == 0 {
          try db.execute(sql: "PRAGMA application_id = \(applicationID)")
          return (applicationID, nil)
        }
        let pages = try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0
        let pageBytes = try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 0
        guard pages * pageBytes <= limits.checkedBytes else { return (owner, nil) }
        return (owner, try String.fetchOne(db, sql: "PRAGMA quick_check(1)"))
      }
    } catch {
      throw failure(error)
    }
    guard owner == applicationID else {
      throw StartupError(.badData, "\(path) is not a database of \(service)")
    }
    if let problem, problem != "ok" {
      throw StartupError(.badData, "\(path) is corrupt: \(problem)")
    }
  }

  func migrate(
    _ pool: DatabasePool, _ migrations: [Migration], _ logger: Logger
  ) throws(StartupError) {
    let version: Int
    do {
      version = try pool.read { db in try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0 }
    } catch {
      throw failure(error)
    }
    guard version <= migrations.count else {
      throw StartupError(
        .badData,
        "\(path) has schema \(version), newer than this program's \(migrations.count): use a newer \(service)"
      )
    }
    for (index, migration) in migrations.enumerated().dropFirst(version) {
      do {
        try pool.writeWithoutTransaction { db in try Self.apply(migration, version: index + 1, db) }
      } catch {
        let cause = (error as? DatabaseError)?.message ?? "\(error)"
        throw StartupError(
          .badData, "\(path): migration \(index + 1) (\(migration.name)): \(cause)")
      }
      logger.info("migrated", metadata: ["schema": "\(index + 1)", "what": "\(migration.name)"])
    }
  }

  /// Foreign keys are off while a step runs, so that it may build a table anew, and must hold at its end.
  private static func apply(_ migration: Migration, version: Int, _ db: Database) throws {
    try db.execute(sql: "PRAGMA foreign_keys = OFF")
    defer { try? db.execute(sql: "PRAGMA foreign_keys = ON") }
    try db.inTransaction(.immediate) {
      try migration.apply(db)
      try db.checkForeignKeys()
      try db.execute(sql: "PRAGMA user_version = \(version)")
      return .commit
    }
  }

  private func failure(_ error: any Error) -> StartupError {
    guard let error = error as? DatabaseError else {
      return StartupError(.badData, "\(path): \(error)")
    }
    return switch error.resultCode {
    case .SQLITE_CORRUPT, .SQLITE_NOTADB: StartupError(.badData, "\(path) is corrupt")
    case .SQLITE_BUSY: StartupError(.unavailable, "\(path) is in use by another process")
    case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_IOERR, .SQLITE_FULL:
      StartupError(.cannotWrite, "\(path): \(error.message ?? "cannot be written")")
    default: StartupError(.badData, "\(path): \(error.message ?? "SQLite error")")
    }
  }
}
