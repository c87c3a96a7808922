import AuditDomain
import Model
import RPC
import ServiceRuntime
import TestSupport
import TransparencyLog

@testable import AuditAPI

/// Drives the real log and the reference with the same random operations and compares what both say. The same seed
/// gives the same operations.
final class LogSimulation {
  private let world: SimulatedLog
  private let seed: UInt64
  private var generator: EventGenerator
  private var sent: [SimulatedLog.Batch] = []
  /// Events sent, and whatever else was done, so far.
  private(set) var operations = 0
  private(set) var faults = 0
  private(set) var crashes = 0
  private(set) var refusals = 0
  private(set) var restores = 0

  init(seed: UInt64) async throws {
    self.seed = seed
    generator = EventGenerator(SplitMix64(seed: seed))
    world = try await SimulatedLog(try TemporaryDirectory())
  }

  func run(_ count: Int) async throws {
    do {
      while operations < count { try await step() }
      while restores == 0 {
        try await submit(next())
        try await restoreOldCopy()
      }
      try await world.compareEverything()
      let seen = world.reader.seen
      try world.require(seen.count > 3, "only \(seen.count) checkpoints were seen")
      try await world.reader.checkProofs(world.log, of: seen)
      await world.end()
    } catch {
      throw Disagreement(description: "seed \(seed), operation \(operations): \(error)")
    }
  }

  private func step() async throws {
    operations += 1
    switch generator.number(0...99) {
    case 0..<40: try await submit(next())
    case 40..<55: try await sendSideBySide()
    case 55..<67: if let old = generator.pick(sent) { try await submit(overlapping(old)) }
    case 67..<75:
      if let old = generator.pick(sent) { try await submit(generator.spoilt(old)) }
    case 75..<80: try await submit(generator.spoilt(next()))
    case 80..<83: try await erase()
    case 83..<86: try await readDetails()
    case 86..<92: try await checkReceipt()
    case 92..<93: try await restart()
    case 93..<94: try await disturb()
    default: try await fail()
    }
  }

  private func next() -> SimulatedLog.Batch {
    let producer = generator.pick(EventGenerator.producers) ?? ""
    return generator.batch(of: producer, from: world.reference.nextSequence(of: producer))
  }

  /// An old batch again, perhaps with new events after it.
  private func overlapping(_ old: SimulatedLog.Batch) -> SimulatedLog.Batch {
    guard generator.chance(40) else { return old }
    let more = generator.batch(
      of: old.producer, from: world.reference.nextSequence(of: old.producer), longest: 3)
    return SimulatedLog.Batch(producer: old.producer, events: old.events + more.events)
  }

  private func submit(_ batch: SimulatedLog.Batch) async throws {
    operations += batch.events.count
    if case .refused = world.reference.decide(batch.events, by: batch.producer) { refusals += 1 }
    try await world.submit(batch)
    remember(batch)
  }

  /// Only what the log took may be sent again as known.
  private func remember(_ batch: SimulatedLog.Batch) {
    guard case .accepted = world.reference.decide(batch.events, by: batch.producer) else { return }
    sent.append(batch)
    if sent.count > 200 { sent.removeFirst() }
  }

  /// Batches of different producers that share commits, one of them perhaps twice.
  private func sideBySide() -> [SimulatedLog.Batch] {
    var batches = EventGenerator.producers.shuffled(using: &generator.random)
      .prefix(generator.number(1...3)).map {
        generator.batch(of: $0, from: world.reference.nextSequence(of: $0))
      }
    if generator.chance(30) { batches.append(batches[0]) }
    operations += batches.map(\.events.count).reduce(0, +)
    return batches
  }

  private func sendSideBySide() async throws {
    let batches = sideBySide()
    let answers = await world.send(batches)
    for (_, result) in answers { _ = try result.get() }
    try await world.absorb(answers)
    batches.forEach(remember)
  }

  private func erase() async throws {
    let subject = generator.subject()
    let request = RequestID(high: 9, low: UInt64(operations))
    do {
      let erased = try await world.erase(subject, request)
      try check(erased, subject)
      let again = try await world.erase(subject, request)
      try world.require(again == erased, "the replay of an erasure differs")
    } catch AuditError.subjectNotFound {
      try check(0, subject)
    }
    try await world.absorb([])
  }

  private func check(_ erased: Int, _ subject: String) throws {
    let expected = world.noteErasure(of: subject)
    try world.require(erased == expected, "\(erased) entries were erased, not \(expected)")
  }

  /// A service reads details, which the log notes.
  private func readDetails() async throws {
    _ = try await world.log.handler.listEntries(
      .init(pageSize: 5, subject: generator.subject()), .test())
    try await world.absorb([])
  }

  private func checkReceipt() async throws {
    guard let index = world.reference.entries.indices.randomElement(using: &generator.random)
    else { return }
    let verified = try await world.log.receipt(.index(Int64(index)))
    try world.require(
      verified.leafHash == world.reference.entries[index].leafHash, "receipt \(index) differs")
    try await world.reader.checkProofs(
      world.log, of: Array(world.reader.seen.shuffled(using: &generator.random).prefix(3)))
  }

  private func restart() async throws {
    await world.close()
    try await world.open()
    try await world.absorb([])
  }

  // MARK: Faults

  /// The clock is put wrong, somebody takes a copy of the database, or puts it back.
  private func disturb() async throws {
    switch generator.number(0...9) {
    case 0..<4: world.jump(toOffset: Int64(generator.number(-40...40)) * 86_400)
    case 4..<7: try await world.keepCopy()
    default: try await restoreOldCopy()
    }
    try await world.absorb([])
  }

  private func restoreOldCopy() async throws {
    if try await world.restoreCopy(appending: next()) {
      restores += 1
    } else {
      try await world.keepCopy()
    }
    try await world.absorb([])
  }

  /// Batches and perhaps an erasure meet a fault of the disk, or the process dies among them; perhaps it dies once more
  /// while it starts.
  private func fail() async throws {
    guard let fault = generator.pick(FaultyFiles.Fault.allCases) else { return }
    faults += 1
    let batches = sideBySide()
    let subject = generator.chance(20) ? generator.subject() : nil
    let request = RequestID(high: 9, low: UInt64(operations))
    FaultyFiles.arm(fault, after: generator.number(0...14))
    let answers = await world.send(batches)
    if let subject { _ = try? await world.erase(subject, request) }
    if fault.isDeath {
      crashes += 1
      await world.close()
      try await reopen()
    } else {
      FaultyFiles.disarm()
    }
    for case (_, .failure(let error)) in answers {
      try world.require(error is RuntimeError, "a fault of the disk was told as \(error)")
    }
    try await world.absorb(answers, isAfterCrash: fault.isDeath, erasing: subject)
    // Everything again: what was acknowledged is there, what was not happens now.
    if let subject {
      let erased = (try? await world.erase(subject, request)) ?? 0
      try check(erased, subject)
      try await world.absorb([])
    }
    for batch in batches { try await submit(batch) }
    if fault.isDeath, crashes % 16 == 0 { try await world.verify() }
  }

  private func reopen() async throws {
    if generator.chance(30) {
      FaultyFiles.arm(.deathWithin, after: generator.number(0...5))
      do {
        try await world.open()
        await world.close()
      } catch {
        FaultyFiles.disarm()
      }
    }
    try await world.open()
  }
}
