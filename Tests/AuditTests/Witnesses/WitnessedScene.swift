import AuditDomain
import AuditStore
import Crypto
import Foundation
import Model
import ServiceRuntime
import TestSupport
import Testing
import TransparencyLog
import Witnessing

@testable import AuditAPI

/// A log in a folder with three witnesses over real TLS, any of which may be down.
final class WitnessedScene {
  let directory: TemporaryDirectory
  let authority: TestAuthority
  let verifierKey: VerifierKey
  private(set) var witnesses: [RunningWitness?] = []
  private let folders: [TemporaryDirectory]
  private let settings: [String: String]

  /// - Parameter quorum: how many of the three are enough.
  init(quorum: Int = 2) async throws {
    directory = try TemporaryDirectory()
    authority = try TestAuthority()
    folders = try (0..<3).map { _ in try TemporaryDirectory() }
    let key = try Ed25519PrivateKey.generate()
    try KeyFile.write(key.pem(), to: directory.file("log.key"))
    verifierKey = try NoteSigner(name: "ndx.local/audit", key: key).verifierKey
    for index in 0..<3 {
      witnesses.append(
        try await RunningWitness(
          folders[index], authority, logs: [verifierKey], name: "w.example/\(index)"))
    }
    let lines = witnesses.enumerated().map { index, witness in
      "witness w\(index) \(witness?.host.key.description ?? "") \(witness?.url ?? "")\n"
    }
    let policy =
      "log \(verifierKey)\n\(lines.joined())group all-three \(quorum) w0 w1 w2\nquorum all-three\n"
    try policy.write(toFile: directory.file("policy"), atomically: true, encoding: .utf8)
    try authority.root.certificate.pem.write(
      toFile: directory.file("roots.pem"), atomically: true, encoding: .utf8)
    settings = [
      "witness-policy": directory.file("policy"), "witness-roots": directory.file("roots.pem"),
    ]
    self.policy = try WitnessPolicy(policy.utf8)
    ports = witnesses.compactMap { $0?.port }
  }

  let policy: WitnessPolicy
  private let ports: [Int]

  func open(_ more: [String: String] = [:]) async throws -> OpenedLog {
    try await OpenedLog(directory, settings: settings.merging(more) { $1 })
  }

  /// The same log without witnesses, as somebody would run it who wants to get round them.
  func openWithoutWitnesses() async throws -> OpenedLog { try await OpenedLog(directory) }

  func stop(_ index: Int) async {
    await witnesses[index]?.close()
    witnesses[index] = nil
  }

  func restart(_ index: Int) async throws {
    witnesses[index] = try await RunningWitness(
      folders[index], authority, logs: [verifierKey], name: nil, port: ports[index])
  }

  func close() async {
    for index in witnesses.indices { await stop(index) }
  }

  /// Keeps the database as it is now; the log must be closed.
  func copyDatabase() throws {
    try FileManager.default.copyItem(
      atPath: directory.file("audit.sqlite"), toPath: directory.file("copy.sqlite"))
  }

  func restoreCopy() throws {
    for suffix in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: directory.file("audit.sqlite\(suffix)"))
    }
    try FileManager.default.moveItem(
      atPath: directory.file("copy.sqlite"), toPath: directory.file("audit.sqlite"))
  }

  /// What ends the log that is opened now.
  func refusal() async throws -> StartupError? {
    let log = try await open()
    let result = await log.signing.result
    await log.close()
    do {
      try result.get()
      return nil
    } catch {
      return error as? StartupError
    }
  }

  /// Files in the log's folder that show what a witness said.
  func conflicts() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory.path)
      .filter { $0.hasPrefix("witness-conflict-") }
  }
}

extension OpenedLog {
  /// The newest checkpoint with quorum once it covers `size`.
  func quorum(covering size: Int) async throws -> SignedCheckpoint {
    try await until { self.handler.board.quorum.flatMap { $0.size >= size ? $0 : nil } }
  }

  /// What `value` comes to be, looked at again and again for up to twenty seconds.
  func until<Value>(_ value: () async throws -> Value?) async throws -> Value {
    let end = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < end {
      if let value = try await value() { return value }
      try await Task.sleep(for: .milliseconds(2))
    }
    throw WaitedInVain()
  }

  /// What an inspection of the whole log finds.
  func faults() async throws -> [LogFault] {
    let key = handler.verifierKey
    return try await database.read { db in
      var inspection = LogInspection(key: key)
      var faults: [LogFault] = []
      while !inspection.isFinished { faults += try inspection.step(db) }
      return faults
    }
  }
}

private struct WaitedInVain: Error {}
