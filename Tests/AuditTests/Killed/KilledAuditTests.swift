import Foundation
import Model
import RPC
import Stubs
import TestSupport
import Testing
import TransparencyLog

@testable import AuditAPI

/// The real service, killed with -9 or out of disk, under load, while somebody reads its public port.
@Suite(.serialized, .timeLimit(.minutes(30))) struct KilledAuditTests {
  private static let isLong = ProcessInfo.processInfo.environment["NDX_LONG"] == "1"

  @Test func killedAtRandomMomentsItLosesNothingAndBendsNothing() async throws {
    let moments = RandomMoments()
    let audit = try await FaultyAudit()
    var story = Story(log: try await audit.start())
    for _ in 0..<(Self.isLong ? 100 : 3) {
      let process = audit.service.process
      async let death: Void = kill(process, after: moments.next(upTo: .milliseconds(150)))
      try await story.append(until: 10_000, timeout: .milliseconds(500))
      try await death
      story.log = try await audit.start()
      try await story.check(audit)
    }
    #expect(audit.reader.seen.count > 4)
    try await audit.stop()
  }

  /// Not a wait for anything: the moment of death is to be another one each time.
  private func kill(_ process: ServiceProcess, after delay: Duration) async throws {
    try await Task.sleep(for: delay)
    try await process.kill()
  }

  @Test func fullDiskStopsAppendsPlainlyAndLeavesNothingHalfWritten() async throws {
    let audit = try await FaultyAudit()
    var story = Story(log: try await audit.start())
    try await story.append(until: 3)
    for count in [2] {
      try audit.service.arm(.diskFull, after: count)
      try await story.append(until: 50)
      let refusal = try #require(story.refusal)
      #expect(refusal.code == .unavailable && refusal.details?.reason == "NOT_STORED")
      #expect(refusal.details?.localizedMessage?.isEmpty == false)
      // Reading goes on: the log, and proofs of it.
      let entry = try await story.log.getReceipt(.init(target: .index(0))).entry
      #expect(!entry.isEmpty)
      #expect(try await story.log.getCheckpoint(.init()).checkpoint.isEmpty == false)
      try audit.service.disarm()
      try await story.check(audit)
    }
    #expect(audit.service.process.exitCode == nil)
    try await audit.stop()
  }

  /// A producer that keeps every event and its receipt.
  private struct Story {
    var log: LogServiceClient
    private(set) var refusal: RPCStatus?
    private var events: [AuditV1.Event] = []
    private var receipts: [AuditV1.AppendReceipt] = []

    init(log: LogServiceClient) { self.log = log }

    /// Appends batches until one has no answer.
    mutating func append(until limit: Int, timeout: Duration = .seconds(20)) async throws {
      refusal = nil
      for _ in 0..<limit {
        let next = Int64(receipts.count) + 1
        let batch = Events.events(next...(next + 6))
        events = Array(events.prefix(receipts.count)) + batch
        do {
          receipts += try await log.appendEntries(
            .init(events: batch), CallOptions(timeout: timeout)
          ).receipts
        } catch let status as RPCStatus {
          refusal = status
          return
        }
      }
    }

    /// All that was acknowledged is where it was; of the batch without an answer there is all or nothing, and it can be
    /// sent again; every checkpoint that anybody saw leads to the log as it is; and the log finds itself sound.
    mutating func check(_ audit: FaultyAudit) async throws {
      let missing = Array(events[receipts.count...])
      if !missing.isEmpty {
        receipts += try await log.appendEntries(.init(events: missing)).receipts
      }
      #expect(receipts.map(\.index) == receipts.indices.map { Int64($0) })
      #expect(receipts.map(\.eventID) == events.map(\.eventID))
      _ = try await log.getReceipt(.init(target: .index(Int64(receipts.count) - 1)))
      let key = try #require(audit.key)
      let newest = try Checkpoint.verified(
        try await log.getCheckpoint(.init()).checkpoint.utf8, with: key)
      #expect(newest.size == receipts.count)
      var reference = TreeEdge()
      var roots: [Digest] = [reference.root]
      for receipt in receipts {
        _ = reference.append([receipt.leafHash])
        roots.append(reference.root)
      }
      #expect(newest.root == roots[newest.size])
      for seen in audit.reader.seen {
        try #require(seen.size < roots.count)
        #expect(seen.root == roots[seen.size], "size \(seen.size)")
      }
      #expect(audit.reader.problems == [])
      try await verify(audit)
    }

    private func verify(_ audit: FaultyAudit) async throws {
      let auditor = try audit.service.channel(
        as: try audit.service.authority.caller([.auditor]))
      for try await step in LogServiceClient(auditor).verifyLog(.init()) {
        #expect(step.faults == [])
      }
      await auditor.close()
    }
  }
}
