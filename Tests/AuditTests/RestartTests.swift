import AuditStore
import Crypto
import Foundation
import Model
import ServiceRuntime
import TestSupport
import Testing
import TransparencyLog

@testable import AuditAPI

@Suite(.timeLimit(.minutes(2))) struct RestartTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// A closed log of `count` entries; returns its last checkpoint and the events in it.
  private func fill(_ count: Int64) async throws -> (Checkpoint, [AuditV1.Event]) {
    let log = try await OpenedLog(directory)
    let events = count == 0 ? [] : Events.events(1...count)
    if count > 0 { try await log.append(events) }
    let checkpoint = try await log.checkpoint(covering: Int(count))
    await log.close()
    return (checkpoint, events)
  }

  private func startupError() async -> StartupError? {
    do {
      let log = try await OpenedLog(directory)
      await log.close()
      return nil
    } catch {
      return error as? StartupError
    }
  }

  @Test(arguments: [Int64(0), 1, 255, 256, 257, 600])
  func aRestartedLogGoesOnWhereItWas(_ count: Int64) async throws {
    let (before, events) = try await fill(count)
    let log = try await OpenedLog(directory)
    #expect(try await log.checkpoint() == before)
    if let last = events.last {
      #expect(try await log.append([last]).map(\.index) == [count - 1])
    }
    #expect(try await log.append([Events.event(count + 1)]).map(\.index) == [count])
    let after = try await log.checkpoint(covering: Int(count) + 1)
    let proof = try await log.handler.getConsistencyProof(
      .init(firstSize: count, secondSize: count + 1), .test())
    #expect(
      ProofVerification.consistency(
        from: before.size, firstRoot: before.root, to: after.size, secondRoot: after.root,
        proof: proof.hashes))
    await log.close()
  }

  @Test func whatWasCommittedButNotSignedIsSignedAfterARestart() async throws {
    let (before, _) = try await fill(300)
    try alter(directory, ["DELETE FROM checkpoint WHERE size > 0"])
    let log = try await OpenedLog(directory)
    #expect(try await log.checkpoint(covering: 300).root == before.root)
    await log.close()
  }

  @Test(arguments: [
    ["UPDATE entry SET producer = 'catalog' WHERE idx = 3"],
    ["UPDATE entry SET traceparent = x'00' WHERE idx = 299"],
    ["UPDATE entry SET leaf_hash = zeroblob(32) WHERE idx = 299"],
    ["UPDATE entry SET kind = 'order.paid' WHERE idx = 3"],
    ["UPDATE entry SET time = time + 1 WHERE idx = 3"],
    [
      "DELETE FROM details WHERE idx = 299", "DELETE FROM posting WHERE idx = 299",
      "DELETE FROM entry WHERE idx = 299",
    ],
    [
      "DELETE FROM details WHERE idx = 3", "DELETE FROM posting WHERE idx = 3",
      "DELETE FROM entry WHERE idx = 3",
    ],
    [
      "UPDATE tile SET data = CAST(zeroblob(8) || substr(data, 9) AS BLOB) WHERE level = 0 AND n = 0"
    ],
    [
      "UPDATE tile SET data = CAST(substr(data, 1, 1400) || zeroblob(8) AS BLOB) WHERE level = 0 AND n = 1"
    ],
    ["UPDATE tile SET data = CAST(zeroblob(8) || substr(data, 9) AS BLOB) WHERE level = 1"],
    ["UPDATE tile SET width = width - 1, data = substr(data, 1, 32 * width - 32) WHERE n = 1"],
    ["DELETE FROM tile WHERE level = 1"], ["DELETE FROM tile WHERE n = 1"],
    [
      "UPDATE checkpoint SET root = CAST(zeroblob(8) || substr(root, 9) AS BLOB) WHERE size = 300"
    ],
    ["UPDATE checkpoint SET note = replace(note, '300', '301') WHERE size = 300"],
    ["UPDATE checkpoint SET size = 299 WHERE size = 300"],
    ["UPDATE checkpoint SET size = 301 WHERE size = 300"],
  ])
  func anAlteredLogIsNotOpened(_ statements: [String]) async throws {
    _ = try await fill(300)
    try alter(directory, statements)
    let error = await startupError()
    #expect(error?.kind == .badData, "\(error.map(\.message) ?? "it was opened")")
  }

  @Test func anOldCopyIsNotOpened() async throws {
    _ = try await fill(10)
    try alter(directory, ["UPDATE checkpoint SET size = 11 WHERE size = 10"])
    let error = await startupError()
    #expect(error?.message.contains("the log has 10 entries but size 11 was signed") == true)
  }

  @Test func theKeyIsMadeOnceForTheOwnerOnly() async throws {
    _ = try await fill(1)
    let path = directory.file("log.key")
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let before = try KeyFile.readText(path)
    _ = try await OpenedLog(directory).close()
    #expect(try KeyFile.readText(path) == before)
  }

  @Test func aLogIsNotOpenedWithoutItsKey() async throws {
    _ = try await fill(1)
    let path = directory.file("log.key")
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
    #expect(await startupError()?.kind == .insecureFile)
    try KeyFile.write(try Ed25519PrivateKey.generate().pem(), to: path)
    #expect(await startupError()?.kind == .badData)
    try KeyFile.write("not a key", to: path)
    #expect(await startupError()?.kind == .badData)
    try FileManager.default.removeItem(atPath: path)
    #expect(await startupError()?.kind == .missingInput)
  }

  @Test func aLogIsNotOpenedUnderAnotherName() async throws {
    _ = try await fill(1)
    await #expect(throws: StartupError.self) {
      try await OpenedLog(directory, settings: ["log-origin": "other.example/audit"])
    }
    await #expect(throws: StartupError.self) {
      try await OpenedLog(directory, settings: ["log-origin": "a b"])
    }
  }
}
