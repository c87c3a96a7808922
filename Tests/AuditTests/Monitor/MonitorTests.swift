import Crypto
import Foundation
import Model
import TestSupport
import Testing
import TransparencyLog

/// `ndx audit monitor` as a process, against the audit service's public port.
@Suite(.timeLimit(.minutes(5))) struct MonitorTests {
  private static let sizes: [Int64] =
    ProcessInfo.processInfo.environment["NDX_LONG"] == nil
    ? [1, 256, 513] : [1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 70_001]

  @Test func aLogIsFollowedAsItGrowsAndAForkInItsPlaceIsAnAlarm() async throws {
    let authority = try TestAuthority()
    let (directory, other) = (try TemporaryDirectory(), try TemporaryDirectory())
    let log = try await ShownAuditLog(directory, authority)
    let monitor = try MonitorCommand(authority)
    var known: Int64 = 0
    for size in Self.sizes {
      try await log.grow(to: size, from: known + 1)
      let seen = try await monitor.once(log.url, key: log.key)
      #expect(seen.status == 0, "\(seen.output)")
      #expect(seen.output.contains("  ndx.local/audit  \(size)  +\(size - known)  "))
      known = size
    }
    let same = try await monitor.once(log.url, key: log.key)
    #expect(same.status == 0 && same.output.contains("  \(known)  +0  "), "\(same.output)")
    let state = try String(contentsOfFile: monitor.state, encoding: .utf8)
    let key = log.key
    await log.close()

    // Another history under the same key, in the database's place.
    try KeyFile.write(KeyFile.readText(directory.file("log.key")), to: other.file("log.key"))
    let forged = try await ShownAuditLog(other, authority)
    #expect(forged.key == key)
    try await forged.grow(to: known - 1, from: 1)
    let back = try await monitor.once(forged.url, key: key)
    #expect(back.status == 4 && back.output.contains("ALARM ROLLBACK"), "\(back.output)")
    try await forged.grow(to: known, from: known)
    let same2 = try await monitor.once(forged.url, key: key)
    #expect(same2.status == 4 && same2.output.contains("ALARM FORK"), "\(same2.output)")
    try await forged.grow(to: known + 5, from: known + 1)
    let fork = try await monitor.once(forged.url, key: key, ["--language", "vi"])
    #expect(fork.status == 4 && fork.output.contains("BÁO ĐỘNG FORK"), "\(fork.output)")
    #expect(try String(contentsOfFile: monitor.state, encoding: .utf8) == state)
    try evidence(in: monitor, key: key, sizes: [known - 1, known, known + 5], after: known)
    await forged.close()
  }

  /// Each file of evidence holds two checkpoints that the log has signed.
  private func evidence(
    in monitor: MonitorCommand, key: String, sizes: [Int64], after known: Int64
  ) throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: monitor.directory.path)
      .filter { $0.hasPrefix("monitor.state.evidence-") }
    let pairs = try files.map { file in
      let text = try String(contentsOfFile: monitor.directory.file(file), encoding: .utf8)
      let starts = text.ranges(of: "ndx.local/audit\n").map(\.lowerBound)
      try #require(starts.count == 2)
      let verifier = try VerifierKey(key)
      let first = try Checkpoint.verified(text[..<starts[1]].dropLast().utf8, with: verifier)
      let second = try Checkpoint.verified(text[starts[1]...].utf8, with: verifier)
      #expect(first.size == Int(known))
      return Int64(second.size)
    }
    #expect(pairs.sorted() == sizes)
  }

  @Test func aMonitorThatIsKilledInTheMiddleGoesOnFromThere() async throws {
    let authority = try TestAuthority()
    let log = try await ShownAuditLog(try TemporaryDirectory(), authority)
    var number: Int64 = 0
    while number < 17_000 {
      let events = (1...1_000).map { Events.event(number + $0, actor: "", subjects: []) }
      try await log.log.append(events)
      number += 1_000
    }
    _ = try await log.log.checkpoint(covering: 17_000)
    let monitor = try MonitorCommand(authority)
    log.gate.close()
    let killed = try ServiceProcess(
      "ndx", arguments: monitor.arguments(log.url, key: log.key) + ["--once"],
      logFile: monitor.directory.file("log"))
    try killed.start()
    let end = ContinuousClock.now.advanced(by: .seconds(60))
    while !log.gate.isReached {
      try #require(ContinuousClock.now < end && killed.exitCode == nil, "\(killed.output)")
      await Task.yield()
    }
    try await killed.kill()
    log.gate.open()
    let state = try String(contentsOfFile: monitor.state, encoding: .utf8)
    #expect(state.contains("\nverified 16384\n"))
    let resumed = try await monitor.once(log.url, key: log.key)
    #expect(resumed.status == 0 && resumed.output.contains("  17000  +616  "), "\(resumed.output)")
    await log.close()
  }

  @Test func anEndlessMonitorTellsEachCheckpointAndEndsInOrder() async throws {
    let authority = try TestAuthority()
    let log = try await ShownAuditLog(try TemporaryDirectory(), authority)
    try await log.grow(to: 3, from: 1)
    let monitor = try MonitorCommand(
      authority,
      ["--interval", "1", "--output", "json", "--server-id", "spiffe://test.ndx/service/audit"])
    let process = try ServiceProcess(
      "ndx", arguments: monitor.arguments(log.url, key: log.key),
      logFile: monitor.directory.file("log"))
    try await process.startUntilReady()
    try await log.grow(to: 300, from: 4)
    try await wait(for: "\"size\":300", of: process)
    try await log.grow(to: 301, from: 301)
    try await wait(for: "\"size\":301", of: process)
    #expect(process.output.contains("\"newEntries\":297"), "\(process.output)")
    #expect(try await process.terminate() == 0)
    #expect(process.log == "")
    await log.close()
  }

  private func wait(for text: String, of process: ServiceProcess) async throws {
    let end = ContinuousClock.now.advanced(by: .seconds(30))
    while !process.output.replacing(" ", with: "").contains(text) {
      try #require(ContinuousClock.now < end && process.exitCode == nil, "\(process.output)")
      await Task.yield()
    }
  }

  @Test func aServerThatIsNotThereOrNotTheRightOneIsNoAlarm() async throws {
    let authority = try TestAuthority()
    let log = try await ShownAuditLog(try TemporaryDirectory(), authority)
    let monitor = try MonitorCommand(authority)
    let wrong = try await monitor.once(
      log.url, key: log.key, ["--server-id", "spiffe://test.ndx/service/catalog"])
    #expect(wrong.status == 4 && wrong.output.contains("SERVER_NOT_VERIFIED"), "\(wrong.output)")
    let plain = try await monitor.once("http://log.example", key: log.key)
    #expect(plain.status == 2, "\(plain.output)")
    await log.close()
    let gone = try await monitor.once(log.url, key: log.key)
    #expect(gone.status == 3 && gone.output.contains("UNREACHABLE"), "\(gone.output)")
    #expect(!FileManager.default.fileExists(atPath: monitor.state))
  }

  @Test func aLogThatStandsStillIsStale() async throws {
    let authority = try TestAuthority()
    let log = try await ShownAuditLog(try TemporaryDirectory(), authority)
    try await log.grow(to: 3, from: 1)
    let monitor = try MonitorCommand(authority, ["--max-age", "60"])
    #expect(try await monitor.once(log.url, key: log.key).status == 0)
    // As if it had been seen long ago.
    let text = try String(contentsOfFile: monitor.state, encoding: .utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let old = text.replacing(lines[1], with: "since 2026-01-01T00:00:00Z")
    try old.write(toFile: monitor.state, atomically: true, encoding: .utf8)
    let stale = try await monitor.once(log.url, key: log.key)
    #expect(stale.status == 4 && stale.output.contains("ALARM STALE"), "\(stale.output)")
    await log.close()
  }

  @Test func cosignedCheckpointsHaveTheQuorumOfThePolicy() async throws {
    let scene = try await WitnessedScene()
    let log = try await ShownAuditLog(scene.open(), scene.authority)
    try await log.log.append(Events.events(1...5))
    _ = try await log.log.quorum(covering: 5)
    let monitor = try MonitorCommand(
      scene.authority, ["--witness-policy", scene.directory.file("policy")])
    let seen = try await monitor.once(log.url, key: log.key)
    #expect(seen.status == 0, "\(seen.output)")
    let names = try #require(seen.output.split(separator: " ").last).split { ",\n".contains($0) }
    #expect(names.count >= 2 && Set(names).isSubset(of: ["w0", "w1", "w2"]), "\(seen.output)")
    await log.close()
    await scene.close()
  }

  @Test func aPolicyWantsItsWitnesses() async throws {
    let authority = try TestAuthority()
    let log = try await ShownAuditLog(try TemporaryDirectory(), authority)
    try await log.grow(to: 3, from: 1)
    let monitor = try MonitorCommand(authority)
    let policy = monitor.directory.file("policy")
    let witness = try Ed25519PrivateKey.generate()
    let key = try WitnessKey(name: "w.example", publicKey: witness.publicKey)
    try "witness w1 \(key)\nquorum w1\n".write(
      toFile: policy, atomically: true, encoding: .utf8)
    let alone = try await monitor.once(log.url, key: log.key, ["--witness-policy", policy])
    #expect(alone.status == 4 && alone.output.contains("ALARM NO_QUORUM"), "\(alone.output)")
    try "quorum none\n".write(toFile: policy, atomically: true, encoding: .utf8)
    let none = try await monitor.once(log.url, key: log.key, ["--witness-policy", policy])
    #expect(none.status == 0, "\(none.output)")
    await log.close()
  }
}
