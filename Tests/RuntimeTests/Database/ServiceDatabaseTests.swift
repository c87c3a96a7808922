import Foundation
import GRDB
import ServiceRuntime
import TestSupport
import Testing

@Suite struct ServiceDatabaseTests {
  private func failure(
    _ path: String, service: String = "test", migrations: [Migration] = TestDatabase.migrations
  ) -> StartupError? {
    do {
      _ = try TestDatabase.open(path, service: service, migrations: migrations)
      return nil
    } catch {
      return error
    }
  }

  @Test func itIsDurableAndOnlyTheOwnersToRead() async throws {
    let test = try TestDatabase()
    let settings = try await test.database.write { db in
      [
        try String.fetchOne(db, sql: "PRAGMA journal_mode"),
        try String.fetchOne(db, sql: "PRAGMA synchronous"),
        try String.fetchOne(db, sql: "PRAGMA foreign_keys"),
      ]
    }
    #expect(settings == ["wal", "2", "1"])
    for suffix in ["", "-wal", "-shm"] {
      let attributes = try FileManager.default.attributesOfItem(
        atPath: test.database.path + suffix)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
    }
  }

  @Test func whatWasWrittenIsThereAfterReopening() async throws {
    let test = try TestDatabase()
    let path = test.directory.file("kept.sqlite")
    let database = try TestDatabase.open(path)
    try await database.write { try $0.execute(sql: "INSERT INTO note (text) VALUES ('kept')") }
    await database.close()
    let again = try TestDatabase.open(path)
    #expect(
      try await again.read { try String.fetchAll($0, sql: "SELECT text FROM note") } == ["kept"])
    await again.close()
  }

  @Test func migrationsRunOnceAndInOrder() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("test.sqlite")
    let first = try TestDatabase.open(path, migrations: [TestDatabase.migrations[2]])
    try await first.write { try $0.execute(sql: "INSERT INTO note (text) VALUES ('old')") }
    await first.close()
    let second = try TestDatabase.open(
      path,
      migrations: [
        TestDatabase.migrations[2],
        Migration("shout", sql: "UPDATE note SET text = upper(text)"),
      ])
    let (version, text) = try await second.read { db in
      (
        try Int.fetchOne(db, sql: "PRAGMA user_version"),
        try String.fetchOne(db, sql: "SELECT text FROM note")
      )
    }
    #expect(version == 2)
    #expect(text == "OLD")
    await second.close()
  }

  @Test func aNewerSchemaIsRefused() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("test.sqlite")
    await (try TestDatabase.open(path)).close()
    let error = failure(path, migrations: [])
    #expect(error?.kind == .badData)
    #expect(error?.message.contains("newer than this program") == true)
  }

  @Test func anotherServicesFileIsRefused() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("test.sqlite")
    await (try TestDatabase.open(path)).close()
    #expect(
      failure(path, service: "other")?.message.hasSuffix("is not a database of other") == true)
  }

  @Test func aFileThatIsNoDatabaseIsRefused() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("test.sqlite")
    try Data(repeating: 65, count: 8_192).write(to: URL(filePath: path))
    #expect(failure(path)?.kind == .badData)
  }

  @Test func aCorruptFileIsRefused() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("test.sqlite")
    let database = try TestDatabase.open(path)
    try await database.write { db in
      for index in 0..<2_000 {
        try db.execute(sql: "INSERT INTO note (text) VALUES (?)", arguments: ["note \(index)"])
      }
    }
    await database.close()
    let handle = try #require(FileHandle(forUpdatingAtPath: path))
    try handle.seek(toOffset: 4_096 * 12)
    try handle.write(contentsOf: Data(repeating: 0xff, count: 4_096 * 4))
    try handle.close()
    let error = failure(path)
    #expect(error?.kind == .badData)
    #expect(error?.message.contains("corrupt") == true)
  }

  @Test func aFolderThatCannotBeMadeIsRefused() throws {
    let directory = try TemporaryDirectory()
    let file = directory.file("file")
    try Data().write(to: URL(filePath: file))
    #expect(failure(file + "/data/test.sqlite")?.kind == .cannotWrite)
  }

  @Test func twoProcessesCannotOwnOneDatabase() throws {
    let test = try TestDatabase()
    #expect(failure(test.database.path)?.kind == .unavailable)
  }
}
