import GRDB
import ServiceRuntime
import Synchronization
import TestSupport
import Testing

/// `backup` and `restore` of every service's executable, while its database is written.
@Suite(.timeLimit(.minutes(2))) struct BackupOfServicesTests {
  private func command(
    _ service: String, _ arguments: [String], in directory: TemporaryDirectory
  ) async throws -> Int32 {
    let process = try ServiceProcess(
      service, arguments: arguments + ["--data-directory", directory.path],
      logFile: directory.file("command.log"))
    try process.start()
    return try await process.untilExit()
  }

  private func open(
    _ service: String, in directory: TemporaryDirectory
  ) throws -> ServiceDatabase {
    try TestDatabase.open(directory.file("\(service).sqlite"), service: service)
  }

  private func notes(_ database: ServiceDatabase) async throws -> [Int] {
    try await database.read { try Int.fetchAll($0, sql: "SELECT id FROM note ORDER BY id") }
  }

  @Test(arguments: ["identity", "catalog", "settlement", "connector"])
  func aCopyMadeUnderWritesHoldsWhatWasAcknowledgedBefore(_ service: String) async throws {
    let (origin, other) = (try TemporaryDirectory(), try TemporaryDirectory())
    let database = try open(service, in: origin)
    let acknowledged = Mutex(0)
    let writing = Task {
      var number = 1
      while !Task.isCancelled {
        let id = number
        try await database.write { db in
          try db.execute(
            sql: "INSERT INTO note (id, text) VALUES (?, ?)",
            arguments: [id, String(repeating: "\(id) ", count: 500)])
        }
        acknowledged.withLock { $0 = id }
        number += 1
      }
    }
    while acknowledged.withLock({ $0 }) < 20 { try await Task.sleep(for: .milliseconds(1)) }
    let before = acknowledged.withLock { $0 }
    let copy = origin.file("copy")
    #expect(try await command(service, ["backup", copy], in: origin) == 0)
    let after = acknowledged.withLock { $0 }
    writing.cancel()
    _ = await writing.result
    await database.close()
    #expect(try await command(service, ["restore", copy], in: other) == 0)
    let restored = try open(service, in: other)
    let found = try await notes(restored)
    #expect(found == found.indices.map { $0 + 1 })
    #expect(found.count >= before && found.count <= after + 1)
    #expect(after > before, "nothing was written meanwhile")
    await restored.close()
    // The original is there still, and is not overwritten unless told so.
    #expect(
      try await command(service, ["restore", copy], in: origin)
        == StartupError.Kind.cannotWrite.rawValue)
    #expect(try await command(service, ["restore", copy, "--replace"], in: origin) == 0)
    let replaced = try open(service, in: origin)
    #expect(try await notes(replaced) == found)
    await replaced.close()
  }
}
