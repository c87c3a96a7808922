import AuditStore
import Crypto
import Foundation
import Model
import ServiceRuntime
import Synchronization
import TestSupport
import TransparencyLog
import Witnessing

@testable import AuditAPI

/// A copy of a log's database, taken while it was closed and put back in its place later, when a witness has seen more.
final class OldCopies {
  private let directory: TemporaryDirectory
  private let folder: TemporaryDirectory
  private var witness: RunningWitness?
  /// How many entries the copy holds; nil before the first.
  private(set) var size: Int?

  init(of directory: TemporaryDirectory) throws {
    self.directory = directory
    folder = try TemporaryDirectory()
  }

  /// Takes a copy of the log, which is closed and has this many entries.
  func keep(_ size: Int) throws {
    try? FileManager.default.removeItem(atPath: folder.file("old.sqlite"))
    try FileManager.default.copyItem(atPath: path, toPath: folder.file("old.sqlite"))
    self.size = size
  }

  /// Lets the witness see the log, which is closed and has `size` entries, and starts the copy in its place. Then the log
  /// is where it was.
  /// - Returns: what is wrong; nil when the copy refused, and has signed nothing.
  func restore(_ key: VerifierKey, size: Int, appending batch: SimulatedLog.Batch) async throws
    -> String?
  {
    let settings = try await settings(key)
    let log = try await OpenedLog(directory, settings: settings)
    _ = try await log.quorum(covering: size)
    await log.close()
    try FileManager.default.moveItem(atPath: path, toPath: folder.file("newer.sqlite"))
    try FileManager.default.copyItem(atPath: folder.file("old.sqlite"), toPath: path)
    let answer = try await startCopy(settings, appending: batch)
    for suffix in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: path + suffix)
    }
    try FileManager.default.moveItem(atPath: folder.file("newer.sqlite"), toPath: path)
    return answer
  }

  private func startCopy(
    _ settings: [String: String], appending batch: SimulatedLog.Batch
  ) async throws -> String? {
    let copy = try await OpenedLog(directory, settings: settings)
    let before = try await copy.database.read { try CheckpointTable($0).latest() }
    _ = try? await copy.append(batch.events, as: batch.producer)
    let result = await copy.signing.result
    let after = try await copy.database.read { try CheckpointTable($0).latest() }
    await copy.close()
    guard before == after else { return "a copy has signed size \(after?.size ?? -1)" }
    guard case .failure(let error as StartupError) = result, error.kind == .badData else {
      return "a copy went on: \(result)"
    }
    return nil
  }

  func close() async { await witness?.close() }

  private var path: String { directory.file("audit.sqlite") }

  private func settings(_ key: VerifierKey) async throws -> [String: String] {
    if witness == nil {
      let authority = try TestAuthority()
      let running = try await RunningWitness(folder, authority, logs: [key], name: "w.example/old")
      witness = running
      try "witness w \(running.host.key) \(running.url)\nquorum w\n".write(
        toFile: folder.file("policy"), atomically: true, encoding: .utf8)
      try authority.root.certificate.pem.write(
        toFile: folder.file("roots.pem"), atomically: true, encoding: .utf8)
    }
    return [
      "rechecked-entries": "0", "witness-policy": folder.file("policy"),
      "witness-roots": folder.file("roots.pem"),
    ]
  }
}

/// The machine's clock, which somebody may put forward and back.
final class JumpingClock: Sendable {
  private let offset = Mutex<Int64>(0)

  var clock: WallClock {
    WallClock { [self] in
      WallClock.system.now().adding(seconds: offset.withLock { $0 })
    }
  }

  /// Puts it to another time, this far from the machine's.
  func jump(toOffset seconds: Int64) { offset.withLock { $0 = seconds } }
}
