import Foundation
import GRDB
import Model
import ServiceRuntime
import TestSupport
import Testing

/// The write-ahead log that is written in few large pieces is the one that SQLite would write.
@Suite struct LogFileTests {
  private static let schema = Migration(
    "blobs", sql: "CREATE TABLE blob (n INTEGER PRIMARY KEY, bytes BLOB) STRICT")

  private static func open(_ folder: TemporaryDirectory, cacheKibibytes: Int = 32_768) throws
    -> ServiceDatabase
  {
    var limits = DatabaseLimits.standard
    limits.writerCacheKibibytes = cacheKibibytes
    limits.checkpointPages = 300
    return try TestDatabase.open(
      folder.file("log.sqlite"), migrations: [schema], limits: limits)
  }

  /// What another program finds: `sqlite3` knows nothing of our file layer.
  private static func asked(_ folder: TemporaryDirectory, _ sql: String) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["sqlite3", folder.file("log.sqlite"), sql]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .newlines)
  }

  /// Rows of many sizes, so that commits have one page or hundreds; with a cache that is too small, SQLite also writes
  /// pages before their commit, reads them again, and changes their headers afterwards.
  @Test(arguments: [32_768, 64])
  func whatIsCommittedIsThereForEveryReader(cacheKibibytes: Int) async throws {
    let folder = try TemporaryDirectory()
    let database = try Self.open(folder, cacheKibibytes: cacheKibibytes)
    var random = SplitMix64(seed: 7)
    var bytesWritten = 0
    for round in 1...60 {
      let size =
        [10, 5_000, 70_000, 1_500_000][Int.random(in: 0..<4, using: &random)]
        + Int.random(in: 0..<3_000, using: &random)
      let undone = Int.random(in: 0..<4, using: &random) == 0
      try? await database.write { db in
        try db.execute(sql: "INSERT INTO blob VALUES (?, randomblob(?))", arguments: [round, size])
        try db.execute(sql: "UPDATE blob SET bytes = randomblob(length(bytes)) WHERE n % 7 = 0")
        if undone { throw CancellationError() }
      }
      if !undone { bytesWritten += size }
      let seen = try await database.read { db in
        try Int.fetchOne(db, sql: "SELECT coalesce(sum(length(bytes)), 0) FROM blob")
      }
      #expect(seen == bytesWritten)
      if round % 10 == 0 {
        let other = try Self.asked(
          folder, "SELECT coalesce(sum(length(bytes)), 0) FROM blob; PRAGMA integrity_check")
        #expect(other == "\(bytesWritten)\nok")
      }
    }
    await database.close()
    let after = try Self.asked(folder, "PRAGMA integrity_check")
    #expect(after == "ok")
  }

  /// The files as they are at that moment are what a loss of power would leave at the least.
  @Test func whatIsCommittedIsInTheFilesWhenTheWriteReturns() async throws {
    let folder = try TemporaryDirectory()
    let copy = try TemporaryDirectory()
    let database = try Self.open(folder)
    for round in 1...5 {
      try await database.write { db in
        try db.execute(
          sql: "INSERT INTO blob VALUES (?, randomblob(?))", arguments: [round, round * 90_000])
      }
      for name in ["log.sqlite", "log.sqlite-wal"] {
        try? FileManager.default.removeItem(atPath: copy.file(name))
        try FileManager.default.copyItem(atPath: folder.file(name), toPath: copy.file(name))
      }
      let found = try Self.asked(copy, "SELECT count(*), sum(length(bytes)) FROM blob")
      #expect(found == "\(round)|\((1...round).reduce(0) { $0 + $1 * 90_000 })")
      try? FileManager.default.removeItem(atPath: copy.file("log.sqlite-shm"))
    }
    await database.close()
  }
}
