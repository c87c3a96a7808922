import Crypto
import Foundation
import Model
import TestSupport
import Testing
import TransparencyLog
import Witnessing

/// The witness over real TLS.
@Suite(.timeLimit(.minutes(1))) struct WitnessHostTests {
  private let directory: TemporaryDirectory
  private let authority: TestAuthority
  private let log: SmallLog
  private let fork: SmallLog

  init() throws {
    directory = try TemporaryDirectory()
    authority = try TestAuthority()
    let signer = try NoteSigner(name: "ndx.local/audit", key: .generate())
    log = SmallLog(signer)
    fork = SmallLog(signer, history: "other")
  }

  private func start(name: String? = "witness.example/w1") async throws -> RunningWitness {
    try await RunningWitness(directory, authority, logs: [log.signer.verifierKey], name: name)
  }

  private func isCosigned(_ reply: WitnessReply) -> Bool {
    if case .cosigned = reply { true } else { false }
  }

  @Test func everyRequestGetsItsStatus() async throws {
    let witness = try await start()
    let stranger = try NoteSigner(name: "ndx.local/audit", key: .generate())
    let unknown = try NoteSigner(name: "other.example", key: .generate())
    func status(_ request: AddCheckpointRequest) async throws -> Int {
      try await witness.ask(request.bytes).status
    }
    #expect(try await status(log.request(from: 0, to: 7)) == 200)
    #expect(try await status(log.request(from: 7, to: 256)) == 200)
    #expect(try await status(log.request(from: 256, to: 256)) == 200)
    #expect(try await status(log.request(from: 257, to: 256)) == 400)
    #expect(try await status(SmallLog(stranger).request(from: 256, to: 257)) == 403)
    #expect(try await status(SmallLog(unknown).request(from: 0, to: 7)) == 404)
    let stale = try await witness.ask(log.request(from: 7, to: 300).bytes)
    #expect(stale.status == 409 && stale.contentType == "text/x.tlog.size")
    #expect(stale.body == Array("256\n".utf8))
    #expect(witness.conflicts.isEmpty)
    #expect(try await status(fork.request(from: 256, to: 256)) == 409)
    #expect(try await status(fork.request(from: 256, to: 300)) == 422)
    #expect(try await witness.ask(Array("old 1\n".utf8)).status == 400)
    #expect(try await witness.ask([], path: "/").status == 404)
    let long = [UInt8](repeating: 10, count: LogLimits.addCheckpointBytes + 1)
    #expect(try await witness.ask(long).status == 413)
    #expect(try await status(log.request(from: 256, to: 300)) == 200)
    await witness.close()
  }

  @Test func aForkLeavesBothCheckpointsAsEvidenceOnce() async throws {
    let witness = try await start()
    _ = try await witness.ask(log.request(from: 0, to: 7))
    let request = try fork.request(from: 0, to: 7)
    for _ in 0..<3 { _ = try await witness.ask(request) }
    _ = try await witness.ask(fork.request(from: 7, to: 9))
    #expect(witness.conflicts == [.fork, .unproven])
    await witness.close()
    let folder = directory.file("evidence")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    #expect(files.count == 2 && files[0].hasPrefix("fork-") && files[1].hasPrefix("unproven-"))
    let text = try String(contentsOfFile: "\(folder)/\(files[0])", encoding: .utf8)
    let parts = text.components(separatedBy: "\n--- ").dropFirst().map { part in
      part.split(separator: "\n", maxSplits: 1)[1] + "\n"
    }
    for part in parts {
      let note = part.replacing(/\n\n+$/, with: "\n")
      let checkpoint = try Checkpoint.verified(note.utf8, with: log.signer.verifierKey)
      #expect(checkpoint.size == 7)
    }
    #expect(parts.count == 2)
  }

  @Test func whatWasCosignedIsRememberedAcrossRestarts() async throws {
    let first = try await start()
    #expect(isCosigned(try await first.ask(log.request(from: 0, to: 200))))
    let key = first.host.key
    await first.close()
    let second = try await start(name: nil)
    #expect(second.host.key == key)
    #expect(try await second.ask(log.request(from: 0, to: 300)) == .remembers(size: 200))
    #expect(try await second.ask(fork.request(from: 200, to: 200)) == .contradiction)
    #expect(isCosigned(try await second.ask(log.request(from: 200, to: 300))))
    await second.close()
  }

  @Test func requestsAtOnceAreTakenOneByOne() async throws {
    let witness = try await start()
    _ = try await witness.ask(log.request(from: 0, to: 1))
    let bodies = try (0..<20).map {
      try ($0 % 2 == 0 ? log : fork).request(from: 1, to: 50 + $0 / 2)
    }
    let taken = try await withThrowingTaskGroup(of: AddCheckpointRequest?.self) { group in
      for body in bodies {
        group.addTask {
          if case .cosigned = try await witness.ask(body) { body } else { nil }
        }
      }
      return try await group.reduce(into: []) { if let request = $1 { $0.append(request) } }
    }
    #expect(taken.count == 1)
    await witness.close()
  }

  @Test func aWitnessDoesNotStartWhenItWouldForget() async throws {
    let first = try await start()
    _ = try await first.ask(log.request(from: 0, to: 7))
    await #expect(throws: WitnessError.inUse(folder: directory.path)) { try await start() }
    await first.close()
    await #expect(throws: WitnessError.otherName("witness.example/w1")) {
      try await start(name: "other")
    }
    let state = try #require(
      try FileManager.default.contentsOfDirectory(atPath: directory.file("state")).first)
    let path = directory.file("state/\(state)")
    let text = try KeyFile.readText(path)
    try KeyFile.write(text.replacing("\n7\n", with: "\n6\n"), to: path)
    await #expect(throws: WitnessError.damaged(path: path)) { try await start() }
    try KeyFile.write(text, to: path)
    _ = try await start().close()
    let other = try TemporaryDirectory()
    await #expect(throws: WitnessError.unnamed) {
      try await RunningWitness(other, authority, logs: [log.signer.verifierKey], name: nil)
    }
    await #expect(throws: WitnessError.noLogs) {
      try await RunningWitness(other, authority, logs: [])
    }
  }

  @Test func whatIsNotOnDiskIsNotCosigned() async throws {
    let witness = try await start()
    #expect(isCosigned(try await witness.ask(log.request(from: 0, to: 7))))
    // Nothing can be written where the state is.
    let (state, away) = (directory.file("state"), directory.file("away"))
    try FileManager.default.moveItem(atPath: state, toPath: away)
    #expect(FileManager.default.createFile(atPath: state, contents: nil))
    #expect(try await witness.ask(log.request(from: 7, to: 9).bytes).status == 503)
    #expect(try await witness.ask(log.request(from: 7, to: 10).bytes).status == 503)
    // What is on disk already may be said again.
    #expect(isCosigned(try await witness.ask(log.request(from: 7, to: 7))))
    try FileManager.default.removeItem(atPath: state)
    try FileManager.default.moveItem(atPath: away, toPath: state)
    #expect(isCosigned(try await witness.ask(log.request(from: 7, to: 8))))
    #expect(try await witness.ask(log.request(from: 7, to: 9)) == .remembers(size: 8))
    await witness.close()
  }

  @Test func logsOfOneNameAreOneLog() async throws {
    let other = SmallLog(
      try NoteSigner(name: "ndx.local/audit", key: .generate()), history: "other")
    let witness = try await RunningWitness(
      directory, authority, logs: [log.signer.verifierKey, other.signer.verifierKey])
    #expect(isCosigned(try await witness.ask(log.request(from: 0, to: 7))))
    #expect(try await witness.ask(other.request(from: 0, to: 9)) == .remembers(size: 7))
    #expect(try await witness.ask(other.request(from: 7, to: 7)) == .contradiction)
    #expect(try await witness.ask(other.request(from: 7, to: 9)) == .contradiction)
    #expect(witness.conflicts == [.fork, .unproven])
    await witness.close()
  }

  @Test func onlyTheSecretKeyMustBeSecret() async throws {
    try await start().close()
    let everyone: [FileAttributeKey: Any] = [.posixPermissions: 0o644]
    // Others are to have it.
    try FileManager.default.setAttributes(
      everyone, ofItemAtPath: directory.file("witness.vkey"))
    try await start().close()
    try FileManager.default.setAttributes(everyone, ofItemAtPath: directory.file("witness.key"))
    await #expect(throws: CryptoError.self) { try await start() }
  }

  /// Whoever sends anything gets an answer that is none of a cosignature, and the witness goes on.
  @Test func whatIsNoRequestIsRefused() async throws {
    let witness = try await start()
    var random = SplitMix64(seed: RandomMoments.seed)
    let sound = try log.request(from: 0, to: 7).bytes
    for _ in 0..<200 {
      var bytes = sound
      let place = Int.random(in: bytes.indices, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: bytes.removeSubrange(place...)
      case 2: bytes.insert(contentsOf: bytes[..<place], at: place)
      default: bytes = Array("old 0\n".utf8) + bytes
      }
      if bytes == sound { continue }
      let answer = try await witness.ask(bytes)
      #expect([400, 403, 404, 409, 413, 422].contains(answer.status), "\(bytes)")
    }
    #expect(isCosigned(try await witness.ask(log.request(from: 0, to: 7))))
    await witness.close()
  }
}
