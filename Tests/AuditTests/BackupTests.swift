import Crypto
import Foundation
import GRDB
import Model
import ServiceRuntime
import TestSupport
import Testing
import TransparencyLog

@testable import AuditAPI

/// `backup` and `restore`, which every service has, on the log.
@Suite(.timeLimit(.minutes(2))) struct BackupTests {
  private func command(_ arguments: [String]) async throws -> (status: Int32, output: String) {
    try await OtherPrograms.run(try BuiltProducts.executable("audit").path, arguments)
  }

  /// Moves the key of a log, which no backup holds, to where a copy of the log is restored.
  private func moveKey(from source: TemporaryDirectory, to target: TemporaryDirectory) throws {
    try KeyFile.write(KeyFile.readText(source.file("log.key")), to: target.file("log.key"))
  }

  @Test func aCopyMadeWhileTheLogRunsIsTheLogThatItWas() async throws {
    let (origin, other) = (try TemporaryDirectory(), try TemporaryDirectory())
    let log = try await OpenedLog(origin)
    try await log.append(Events.events(1...600))
    let before = try await log.checkpoint(covering: 600)
    let copy = other.file("copy.sqlite")
    let made = try await command(["backup", copy, "--data-directory", origin.path])
    #expect(made.status == 0, "\(made.output)")
    let mode = try FileManager.default.attributesOfItem(atPath: copy)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    try await log.append([Events.event(601)])
    _ = try await log.checkpoint(covering: 601)
    let restored = try await command(["restore", copy, "--data-directory", other.path])
    #expect(restored.status == 0, "\(restored.output)")
    try moveKey(from: origin, to: other)
    let second = try await OpenedLog(other)
    #expect(try await second.checkpoint() == before)
    #expect(try await second.size() == 600)
    await second.close()
    await log.close()
  }

  @Test func aCopyIsWholeWhateverIsWrittenMeanwhile() async throws {
    let directory = try TemporaryDirectory()
    let log = try await OpenedLog(directory)
    try await log.append(Events.events(1...50))
    _ = try await log.checkpoint(covering: 50)
    let writing = Task {
      for number in Int64(51)...150 { try await log.append([Events.event(number)]) }
    }
    for number in 0..<3 {
      let path = directory.file("copy\(number)")
      let made = try await command(["backup", path, "--data-directory", directory.path])
      #expect(made.status == 0, "\(made.output)")
      let target = try TemporaryDirectory()
      #expect(
        try await command(["restore", path, "--data-directory", target.path]).status == 0)
      try moveKey(from: directory, to: target)
      let copy = try await OpenedLog(target)
      #expect(try await copy.size() >= 50)
      await copy.close()
    }
    try await writing.value
    await log.close()
  }

  @Test func aRunningServiceAndAnythingElseThatDoesNotFitAreRefused() async throws {
    let directory = try TemporaryDirectory()
    let log = try await OpenedLog(directory)
    try await log.append(Events.events(1...10))
    let copy = directory.file("copy.sqlite")
    let settings = ["--data-directory", directory.path]
    #expect(try await command(["backup", copy] + settings).status == 0)
    let again = try await command(["backup", copy] + settings)
    #expect(again.status == StartupError.Kind.cannotWrite.rawValue, "\(again.output)")
    let running = try await command(["restore", copy, "--replace"] + settings)
    #expect(running.status == StartupError.Kind.unavailable.rawValue, "\(running.output)")
    await log.close()
    let taken = try await command(["restore", copy] + settings)
    #expect(taken.status == StartupError.Kind.cannotWrite.rawValue, "\(taken.output)")
    #expect(try await command(["restore", copy, "--replace"] + settings).status == 0)
    #expect(FileManager.default.fileExists(atPath: directory.file("audit.sqlite.replaced")))
    let reopened = try await OpenedLog(directory)
    #expect(try await reopened.size() == 10)
    await reopened.close()
    let nothing = try await command(["backup", directory.file("c"), "--data-directory", "/nowhere"])
    #expect(nothing.status == StartupError.Kind.missingInput.rawValue, "\(nothing.output)")
  }

  @Test(arguments: ["PRAGMA application_id = 7", "PRAGMA user_version = 999", ""])
  func aCopyThatIsForeignNewerOrAlteredIsNotRestored(_ statement: String) async throws {
    let directory = try TemporaryDirectory()
    let log = try await OpenedLog(directory)
    try await log.append(Events.events(1...300))
    let copy = directory.file("copy.sqlite")
    #expect(
      try await command(["backup", copy, "--data-directory", directory.path]).status == 0)
    await log.close()
    if statement.isEmpty {
      let handle = try FileHandle(forWritingTo: URL(filePath: copy))
      for page in 3..<12 {
        try handle.seek(toOffset: UInt64(page * 4_096))
        try handle.write(contentsOf: Data([0xFF, 0xFF, 0xFF, 0xFF]))
      }
      try handle.close()
    } else {
      let queue = try DatabaseQueue(path: copy)
      try await queue.writeWithoutTransaction { try $0.execute(sql: statement) }
      try queue.close()
    }
    let target = try TemporaryDirectory()
    let refused = try await command(["restore", copy, "--data-directory", target.path])
    #expect(refused.status == StartupError.Kind.badData.rawValue, "\(refused.output)")
    #expect(!FileManager.default.fileExists(atPath: target.file("audit.sqlite")))
    #expect(!FileManager.default.fileExists(atPath: target.file("audit.sqlite.restoring")))
  }
}
