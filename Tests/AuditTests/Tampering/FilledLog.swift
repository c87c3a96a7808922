import AuditDomain
import AuditStore
import Crypto
import GRDB
import Model
import RPC
import ServiceRuntime
import Stubs
import TestSupport
import TransparencyLog

@testable import AuditAPI

/// A small log with every kind of row, closed and open for altering.
struct FilledLog {
  /// Whose details are erased, also those beside others.
  static let erased = "participant/erased"
  let directory: TemporaryDirectory
  let queue: DatabaseQueue
  let key: VerifierKey

  init() async throws {
    directory = try TemporaryDirectory()
    let log = try await OpenedLog(directory)
    key = log.handler.verifierKey
    try await Self.append(to: log)
    try await Self.erase(in: log)
    _ = try await log.checkpoint(covering: log.size())
    try await Self.cosign(log)
    await log.close()
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    queue = try DatabaseQueue(path: directory.file("audit.sqlite"), configuration: configuration)
    try await queue.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA ignore_check_constraints = ON")
    }
  }

  private static func append(to log: OpenedLog) async throws {
    var events = (1...270).map {
      Events.event(Int64($0), actor: "", subjects: [], payload: "")
    }
    for index in stride(from: 0, to: 270, by: 9) {
      let number = Int64(index) + 1
      events[index] = Events.event(
        number, actor: "participant/\(index)", subjects: ["product/\(index)", "order/\(index)"])
      events[index + 1] = Events.event(number + 1, actor: "service/catalog", subjects: ["order/1"])
      events[index + 2].traceparent = ""
      events[index + 3].traceparent = "0af7651916cd43dd"
      events[index + 4].outcome = .refused
    }
    for index in [50, 60] {
      events[index] = Events.event(
        Int64(index) + 1, actor: "participant/other", subjects: [erased, "order/2"])
    }
    for part in [events[..<100], events[100..<200], events[200...]] {
      try await log.append(Array(part))
      _ = try await log.checkpoint(covering: part.endIndex)
    }
    try await log.append((1...5).map { Events.event($0, subjects: [erased]) }, as: "catalog")
  }

  /// One erasure, one that was refused, and the reading of details by a service.
  private static func erase(in log: OpenedLog) async throws {
    let context = CallContext.test(
      LogServiceMethods.eraseSubject, caller: .service(name: "test"))
    for (number, subject) in [(UInt64(1), erased), (2, "participant/unknown")] {
      do {
        _ = try await log.handler.eraseSubject(
          .init(requestID: RequestID(high: 1, low: number), subject: subject, ground: "test"),
          context)
      } catch AuditError.subjectNotFound {
        continue
      }
    }
    _ = try await log.handler.listEntries(.init(pageSize: 5, subject: "order/1"), .test())
  }

  /// The newest two checkpoints, by two witnesses.
  private static func cosign(_ log: OpenedLog) async throws {
    let witnesses = try (1...2).map {
      try WitnessSigner(name: "w.example/\($0)", key: Ed25519PrivateKey.generate())
    }
    try await log.database.write { db in
      let size = try EntryTable(db).size()
      for checkpoint in try CheckpointTable(db).list(from: 200, to: size) {
        let note = try SignedNote(checkpoint.note)
        for witness in witnesses {
          let line = try witness.cosign(note.text, at: 1_800_000_000)
          guard let cosignature = witness.witnessKey.cosignature(line, of: note.text) else {
            throw LogCorruption("the cosignature is none")
          }
          try CosignatureTable(db).store(
            cosignature, of: witness.witnessKey, size: checkpoint.size)
        }
      }
    }
  }

  /// What VerifyLog finds, as a running service that has published `published` does.
  static func inspect(
    _ db: Database, _ key: VerifierKey, published: Int? = nil
  ) throws -> [LogFault] {
    var inspection = LogInspection(key: key, published: published)
    var faults: [LogFault] = []
    for _ in 0..<10 where !inspection.isFinished { faults += try inspection.step(db) }
    return faults + (try FileInspection(db).faults())
  }
}
