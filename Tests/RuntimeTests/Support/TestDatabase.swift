import GRDB
import Logging
import ServiceRuntime
import TestSupport

/// A database with a table of notes, in a folder of its own.
struct TestDatabase {
  static let migrations: [Migration] = [
    .idempotency, .outbox,
    Migration(
      "notes", sql: "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT"),
    .outboxProof,
  ]

  let directory: TemporaryDirectory
  let database: ServiceDatabase

  init(limits: DatabaseLimits = .standard) throws {
    directory = try TemporaryDirectory()
    database = try Self.open(directory.file("test.sqlite"), limits: limits)
  }

  static func open(
    _ path: String, service: String = "test", migrations: [Migration] = migrations,
    limits: DatabaseLimits = .standard
  ) throws(StartupError) -> ServiceDatabase {
    try ServiceDatabase(
      at: path, service: service, migrations: migrations, limits: limits,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  func add(_ text: String) async throws {
    try await database.write {
      try $0.execute(sql: "INSERT INTO note (text) VALUES (?)", arguments: [text])
    }
  }

  var notes: [String] {
    get async throws {
      try await database.read {
        try String.fetchAll($0, sql: "SELECT text FROM note ORDER BY text")
      }
    }
  }
}

struct Refused: Error {}
