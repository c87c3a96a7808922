import AuditDomain
import Model
import RPC
import ServiceRuntime
import TestSupport
import TransparencyLog

@testable import AuditAPI

/// A short story of a log, the same every time, that meets a fault at a given write, fsync or truncation: appending
/// across the border of a tile, signing, erasing, emptying the log of changes, closing.
struct DyingLog {
  private static let subject = "participant/seller"
  private static let erasureRequest = RequestID(high: 9, low: 1)
  private let world: SimulatedLog
  private let fault: FaultyFiles.Fault
  private var answers: [SimulatedLog.Answer] = []
  private var erasure: Result<Int, any Error>?

  /// A closed log of 253 entries, some of them about the subject.
  static func template() async throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    let log = try await OpenedLog(directory)
    try await log.append(Events.events(1...250))
    try await log.append(
      (1...3).map { Events.event($0, subjects: ["order/\($0)", subject]) }, as: "catalog")
    _ = try await log.checkpoint(covering: 253)
    await log.close()
    return directory
  }

  init(_ directory: TemporaryDirectory, meeting fault: FaultyFiles.Fault) async throws {
    world = try await SimulatedLog(directory)
    self.fault = fault
  }

  /// The third repeats the last event of the first.
  private static let batches: [SimulatedLog.Batch] = {
    let events = Events.events(251...257)
    return [
      .init(producer: "settlement", events: Array(events[..<4])),
      .init(producer: "catalog", events: [Events.event(4)]),
      .init(producer: "settlement", events: Array(events[3...])),
    ]
  }()

  /// Returns whether the story was long enough to meet the fault.
  mutating func run(after count: Int) async throws -> Bool {
    _ = try await world.log.checkpoint(covering: 253)
    FaultyFiles.arm(fault, after: count)
    for batch in Self.batches { try await append(batch) }
    try await erase()
    let hasFailed: Bool
    if fault.isDeath {
      hasFailed = await world.close()
      try await world.open()
    } else {
      hasFailed = FaultyFiles.disarm()
    }
    try await recover()
    return hasFailed
  }

  private var isDead: Bool { fault.isDeath && FaultyFiles.hasFired }

  private mutating func append(_ batch: SimulatedLog.Batch) async throws {
    guard !isDead else { return }
    let answer = await world.send([batch])
    answers += answer
    if case .failure(let error) = answer[0].result { try expectRefusal(error) }
    guard !fault.isDeath else { return try await untilSignedOrDead() }
    // Refused, it left nothing; it is taken once the disk goes on.
    try await world.absorb(answer)
    do {
      if FaultyFiles.hasFired { FaultyFiles.disarm() }
      try await world.submit(batch)
    } catch is RuntimeError {
      // The fault had met the signer meanwhile.
      FaultyFiles.disarm()
      try await world.submit(batch)
    }
    try await untilSignedOrDead()
  }

  private func untilSignedOrDead() async throws {
    let size = try await world.log.size()
    while !isDead {
      do {
        _ = try await world.log.handler.head.covering(size, within: .milliseconds(50))
        return
      } catch AuditError.checkpointPending {
        if fault == .diskFull, FaultyFiles.hasFired { FaultyFiles.disarm() }
      }
    }
  }

  private mutating func erase() async throws {
    guard !isDead else { return }
    do {
      erasure = .success(try await world.erase(Self.subject, Self.erasureRequest))
    } catch {
      try expectRefusal(error)
      erasure = .failure(error)
    }
  }

  /// A caller is told plainly, with a status on which it tries again.
  private func expectRefusal(_ error: any Error) throws {
    let status = (error as? any DomainError)?.status
    try world.require(status == .unavailable, "the fault was told as \(error)")
  }

  /// Everything acknowledged is there; what was not can be repeated; and the log goes on.
  private mutating func recover() async throws {
    if fault.isDeath { try await world.absorb(answers, isAfterCrash: true) }
    for batch in Self.batches { try await world.submit(batch) }
    let erased = try await world.erase(Self.subject, Self.erasureRequest)
    let expected = world.noteErasure(of: Self.subject)
    try world.require(erased == expected, "\(erased) entries were erased, not \(expected)")
    if case .success(let before) = erasure {
      try world.require(before == erased, "the replay of the erasure differs")
    }
    try await world.absorb([])
    try await world.compareEverything()
    try await world.reader.checkProofs(world.log, of: world.reader.seen)
    await world.close()
  }
}
