import AuditDomain
import AuditStore
import Foundation
import Model
import RPC
import ServiceRuntime
import TestSupport
import TransparencyLog

@testable import AuditAPI

/// The real log from its handlers down to the file, without the network; the reference beside it; and a reader of its
/// public side. Compares them after every operation.
final class SimulatedLog {
  /// Events of one producer that are sent together.
  struct Batch: Sendable {
    let producer: String
    let events: [AuditV1.Event]
  }
  typealias Answer = (batch: Batch, result: Result<[AuditV1.AppendReceipt], any Error>)

  /// A restart re-hashes little, as that is not what is tested here.
  private static let settings = ["rechecked-entries": "0"]

  let directory: TemporaryDirectory
  private(set) var log: OpenedLog
  private(set) var reference = ReferenceLog()
  let reader = PublicReader()
  private let time = JumpingClock()
  private let copies: OldCopies
  private var reading: Task<Void, Never>

  /// Opens the log in a folder, and takes what is in it for what must be in it.
  init(_ directory: TemporaryDirectory) async throws {
    self.directory = directory
    copies = try OldCopies(of: directory)
    FaultyFiles.watch(directory.path)
    log = try await OpenedLog(directory, settings: Self.settings, clock: time.clock)
    reading = reader.follow(log)
    for index in 0..<(try await log.size()) {
      guard let stored = try await stored(index), let details = try stored.details()?.details else {
        throw Disagreement(description: "entry \(index) is missing")
      }
      let body = stored.body
      try reference.add(
        stored.bytes,
        AuditV1.Event(
          eventID: body.eventID, kind: body.kind, time: body.time,
          producerSequence: body.producerSequence, traceparent: body.traceparent,
          outcome: body.isAccepted ? .accepted : .refused, actor: details.actor,
          subjects: details.subjects, payload: details.payload))
    }
  }

  /// Ends the process, dead or alive; returns whether an armed fault had come.
  @discardableResult
  func close() async -> Bool {
    reading.cancel()
    await log.close()
    await reading.value
    return FaultyFiles.disarm()
  }

  func open() async throws {
    log = try await OpenedLog(directory, settings: Self.settings, clock: time.clock)
    reading = reader.follow(log)
  }

  // MARK: Copies and clocks

  /// Keeps the database as it is now, in the place of what was kept before.
  func keepCopy() async throws {
    await close()
    try copies.keep(reference.entries.count)
    try await open()
  }

  /// Starts the copy in the log's place: it must refuse. False when there is none that is older than the log.
  func restoreCopy(appending batch: Batch) async throws -> Bool {
    let size = reference.entries.count
    guard let old = copies.size, old < size else { return false }
    let key = log.handler.verifierKey
    await close()
    let fault = try await copies.restore(key, size: size, appending: batch)
    try require(fault == nil, fault ?? "")
    try await open()
    return true
  }

  func jump(toOffset seconds: Int64) { time.jump(toOffset: seconds) }

  /// Ends everything.
  func end() async {
    await close()
    await copies.close()
  }

  // MARK: Operations

  func send(_ batches: [Batch]) async -> [Answer] {
    await withTaskGroup(of: Answer.self) { [log] group in
      for batch in batches {
        group.addTask {
          do {
            return (batch, .success(try await log.append(batch.events, as: batch.producer)))
          } catch {
            return (batch, .failure(error))
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
  }

  /// Sends a batch that must be answered as the reference does.
  func submit(_ batch: Batch) async throws {
    let expected = reference.decide(batch.events, by: batch.producer)
    let answer = await send([batch])
    switch (expected, answer[0].result) {
    case (.accepted(let indexes), .success(let receipts)):
      for (index, receipt) in zip(indexes, receipts) {
        guard let index else { continue }
        try require(receipt.index == index, "\(receipt.eventID) was at \(index)")
        try require(
          receipt.leafHash == reference.entries[index].leafHash, "\(index) has another leaf hash")
      }
      try require(receipts.count == batch.events.count, "a receipt is missing")
    case (.refused(let expected), .failure(let error)):
      try require(error as? AuditError == expected, "\(error) instead of \(expected)")
    case (_, .failure(let error)): throw error
    case (.refused(let expected), .success):
      throw Disagreement(description: "accepted instead of \(expected)")
    }
    try await absorb(answer)
  }

  func erase(_ subject: String, _ request: RequestID) async throws -> Int {
    let answer = try await log.handler.eraseSubject(
      .init(requestID: request, subject: subject, ground: "simulated"),
      .test(caller: .service(name: "test")))
    return Int(answer.erasure.erasedEntries)
  }

  func noteErasure(of subject: String) -> Int { reference.erase(subject) }

  // MARK: Comparing

  /// Takes into the reference what is new in the log: what was acknowledged, at its index and with its leaf hash; what
  /// audit says of itself; and, after a crash, batches that had no answer, all of a batch or nothing. Nothing else. Details
  /// about a subject that was being `erasing` may be gone.
  func absorb(
    _ answers: [Answer], isAfterCrash: Bool = false, erasing subject: String? = nil
  ) async throws {
    var receipts: [EventID: AuditV1.AppendReceipt] = [:]
    var events: [EventID: Batch] = [:]
    for (batch, result) in answers {
      if case .success(let found) = result {
        for receipt in found { receipts[receipt.eventID] = receipt }
      } else if !isAfterCrash {
        continue
      }
      for event in batch.events { events[event.eventID] = batch }
    }
    let first = reference.entries.count
    let size = try await log.size()
    try require(size >= first, "the log lost entry \(size)")
    for index in first..<size {
      guard let stored = try await stored(index) else {
        throw Disagreement(description: "entry \(index) is missing")
      }
      let id = stored.body.eventID
      let event = events[id]?.events.first { $0.eventID == id }
      try require(
        event != nil || stored.body.producer == "audit", "entry \(index) comes from nowhere")
      if let event {
        try compare(stored, event, events[id]?.producer ?? "", receipts[id])
        let details = try stored.details()?.details
        let mayBeGone = [event.actor] + event.subjects
        try require(
          details == EntryDetails(event)
            || details == nil && subject.map { mayBeGone.contains($0) } == true,
          "entry \(index) has other details")
      }
      try reference.add(stored.bytes, event)
    }
    try checkReceipts(receipts.values, size: size)
    try checkBatches(answers, from: first)
    try reader.check(against: reference)
  }

  private func checkReceipts(
    _ receipts: some Sequence<AuditV1.AppendReceipt>, size: Int
  ) throws {
    for receipt in receipts {
      try require(receipt.index < size, "the acknowledged entry \(receipt.index) is lost")
      let entry = reference.entries[Int(receipt.index)]
      try require(
        entry.leafHash == receipt.leafHash && entry.body.eventID == receipt.eventID,
        "the acknowledged entry \(receipt.index) is another one")
    }
  }

  /// Batches that had no answer are there whole or not at all, apart from what others brought, now or before.
  private func checkBatches(_ answers: [Answer], from first: Int) throws {
    var acknowledged = Set(reference.entries[..<first].map(\.body.eventID))
    for case (let batch, .success) in answers {
      acknowledged.formUnion(batch.events.map(\.eventID))
    }
    for case (let batch, .failure) in answers {
      let own = batch.events.filter { !acknowledged.contains($0.eventID) }
      guard case .accepted(let places) = reference.decide(own, by: batch.producer) else { continue }
      let found = places.count { $0 != nil }
      try require(
        found == 0 || found == own.count, "\(found) of \(own.count) events of a batch are there")
    }
  }

  private func compare(
    _ stored: StoredEntry, _ event: AuditV1.Event, _ producer: String,
    _ receipt: AuditV1.AppendReceipt?
  ) throws {
    let body = stored.body
    try require(
      body.kind == event.kind && body.time == event.time && body.producer == producer
        && body.producerSequence == event.producerSequence
        && body.traceparent == event.traceparent
        && body.isAccepted == (event.outcome == .accepted),
      "entry \(stored.index) is not its event")
    if let receipt {
      try require(
        receipt.index == stored.index && receipt.leafHash == MerkleHash.leaf(stored.bytes),
        "entry \(stored.index) is not that of its receipt")
    }
  }

  private func stored(_ index: Int) async throws -> StoredEntry? {
    try await log.database.read { try EntrySearch($0).entry(at: index) }
  }

  /// Compares every byte of the log with the reference, and lets it verify itself.
  func compareEverything() async throws {
    let newest = try await log.checkpoint(covering: reference.entries.count)
    try require(newest.size == reference.entries.count, "size \(newest.size) was signed")
    let count = reference.entries.count
    let bodies = try await log.database.read { try EntryTable($0).bodies(from: 0, to: count + 1) }
    try require(
      bodies.map { MerkleHash.leaf($0) } == reference.entries.map(\.leafHash),
      "the entries are not those of the reference")
    let next = try await log.database.read { db in
      try Dictionary(
        uniqueKeysWithValues: ["settlement", "catalog", "identity", "audit"].map {
          ($0, try EntryTable(db).nextSequence(of: $0))
        })
    }
    for (producer, number) in next {
      try require(number == reference.nextSequence(of: producer), "\(producer) is at \(number)")
    }
    try reader.check(against: reference)
    try await verify()
  }

  func verify() async throws {
    var faults: [LogFault] = []
    try await log.handler.inspect { faults += $0.faults }
    try require(faults.isEmpty, "VerifyLog finds \(faults.prefix(3))")
  }

  func require(_ condition: Bool, _ text: @autoclosure () -> String) throws {
    guard condition else { throw Disagreement(description: text()) }
  }
}
