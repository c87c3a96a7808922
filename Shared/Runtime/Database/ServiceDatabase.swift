package import GRDB
package import Logging

/// A service's SQLite database: one file that only this process writes, through one writer.
///
/// WAL with `synchronous = FULL`: when `write` returns, the change survives power loss.
package final class ServiceDatabase: Sendable {
  package let path: String
  private let pool: DatabasePool
  private let writer: GroupCommitWriter
  private let lock: FileLock

  /// Opens or creates the database at `path` (mode 0600; folders are made, mode 0700) and brings its
  /// schema up to date.
  ///
  /// - Parameters:
  ///   - service: whose database it is; another service's file is refused.
  ///   - migrations: all steps of the schema, from the first.
  /// - Throws: one line saying why the file cannot be used: corrupt, foreign, newer than this
  ///   program, used by another process, or in a folder that cannot be written.
  package init(
    at path: String, service: String, migrations: [Migration],
    limits: DatabaseLimits = .standard, logger: Logger = Logger(label: "database")
  ) throws(StartupError) {
    let file = DatabaseFile(path: path, service: service)
    try file.prepare()
    self.path = path
    lock = try FileLock(path + ".lock", of: path)
    pool = try file.open(limits)
    try file.check(pool, limits)
    try file.migrate(pool, migrations, logger)
    writer = GroupCommitWriter(pool, limits: limits, logger: logger)
  }

  /// Reads one consistent snapshot, without waiting for the writer.
  package func read<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    try await pool.read(body)
  }

  /// Runs `body` in its own savepoint of the next commit and returns once that commit is on disk.
  /// When `body` throws, what it wrote is undone and the error is thrown here; neighbours in the
  /// same commit are not affected. A body that has started is not stopped by cancellation.
  ///
  /// - Throws: what `body` throws; `RuntimeError.overloaded`, `.notStored`, `.shuttingDown`;
  ///   `CancellationError` when the task was cancelled before the body started.
  package func write<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    try await writer.submit { db, _ in try body(db) }
  }

  /// As `write`, with a savepoint that the body may roll back itself.
  func writeWithSavepoint<Value: Sendable>(
    _ body: @escaping @Sendable (Database, Savepoint) throws -> Value
  ) async throws -> Value {
    try await writer.submit { db, savepoint in
      guard let savepoint else { throw SavepointNeeded() }
      return try body(db, savepoint)
    }
  }

  /// As `write`, for what observers keep in memory and write with the commit: `body` runs without a savepoint, which
  /// costs as much as writing a few rows. It may read; to write it throws `SavepointNeeded`, and runs again in
  /// one.
  package func decide<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    try await writer.submit(triesWithoutWriting: true) { db, _ in try body(db) }
  }

  /// Moves the log of changes into the database and empties it: what was deleted is in neither then. Returns whether it
  /// could; not while somebody reads an older state.
  package func truncateLog() async throws -> Bool {
    try await pool.writeWithoutTransaction { db in
      try Int.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)") == 0
    }
  }

  /// `observer` follows every group from the next one on, and hears of the end of one under way.
  package func add(_ observer: any CommitObserver) { writer.add(observer) }

  package var statistics: WriteStatistics { writer.statistics }

  /// Requests that wait for the writer now.
  package var queuedWrites: Int { writer.queuedWrites }

  /// Commits what is queued, moves the WAL into the database and closes it. Later writes are
  /// refused with `RuntimeError.shuttingDown`.
  package func close() async {
    writer.close()
    try? await pool.writeWithoutTransaction { db in
      _ = try? db.checkpoint(.truncate)
    }
    try? pool.close()
    lock.release()
  }
}
