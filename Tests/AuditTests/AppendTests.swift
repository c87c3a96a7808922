import AuditDomain
import AuditStore
import Model
import RPC
import ServiceRuntime
import TestSupport
import Testing
import TransparencyLog

@testable import AuditAPI

@Suite(.timeLimit(.minutes(2))) struct AppendTests {
  private func withLog(_ body: (OpenedLog) async throws -> Void) async throws {
    let log = try await OpenedLog(TemporaryDirectory())
    try await body(log)
    await log.close()
  }

  @Test func eventsGetConsecutiveIndexesAndReceiptsThatVerify() async throws {
    try await withLog { log in
      let events = Events.events(1...3)
      let receipts = try await log.append(events)
      #expect(receipts.map(\.index) == [0, 1, 2])
      #expect(receipts.map(\.eventID) == events.map(\.eventID))
      for receipt in receipts {
        let verified = try await log.receipt(.index(receipt.index))
        #expect(verified.leafHash == receipt.leafHash)
        #expect(verified.entry.eventID == receipt.eventID)
        #expect(verified.entry.producer == "settlement")
        #expect(try await log.receipt(.eventID(receipt.eventID)).index == verified.index)
      }
    }
  }

  @Test func aRetryGetsTheSameReceiptsAlsoAmongNewEvents() async throws {
    try await withLog { log in
      let events = Events.events(1...4)
      let first = try await log.append(Array(events[..<2]))
      #expect(try await log.append(Array(events[..<2])) == first)
      let all = try await log.append(events)
      #expect(all.map(\.index) == [0, 1, 2, 3])
      #expect(Array(all[..<2]) == first)
      #expect(try await log.size() == 4)
    }
  }

  @Test func otherContentUnderAKnownIDIsRefusedAndChangesNothing() async throws {
    try await withLog { log in
      let event = Events.event(1)
      try await log.append([event])
      var altered = event
      altered.payload = Array("{\"a\":\"b\"}".utf8)
      await #expect(throws: AuditError.eventConflict(event.eventID)) {
        try await log.append([altered])
      }
      await #expect(throws: AuditError.eventConflict(event.eventID)) {
        try await log.append([event], as: "catalog")
      }
      #expect(try await log.size() == 1)
    }
  }

  @Test func aGapIsRefusedWithTheNumberThatIsExpected() async throws {
    try await withLog { log in
      await #expect(
        throws: AuditError.sequenceGap(producer: "settlement", expected: 1, received: 2)
      ) { try await log.append([Events.event(2)]) }
      try await log.append(Events.events(1...2))
      await #expect(
        throws: AuditError.sequenceGap(producer: "settlement", expected: 3, received: 5)
      ) { try await log.append([Events.event(5)]) }
      await #expect(
        throws: AuditError.sequenceReused(producer: "settlement", expected: 3, received: 2)
      ) { try await log.append([Events.event(2)]) }
      // Beside the two, an entry of audit's own for each.
      #expect(try await log.size() == 5)
    }
  }

  @Test func eachProducerCountsForItself() async throws {
    try await withLog { log in
      try await log.append(Events.events(1...2), as: "catalog")
      let receipts = try await log.append(Events.events(1...1), as: "identity")
      #expect(receipts.map(\.index) == [2])
    }
  }

  @Test func aRefusedBatchLeavesNothingAndItsNeighboursStay() async throws {
    try await withLog { log in
      let outcomes = await withTaskGroup(of: Int?.self) { group in
        for producer in 0..<40 {
          group.addTask {
            let bad = producer % 3 == 0
            let events = bad ? [Events.event(1), Events.event(3)] : Events.events(1...10)
            return try? await log.append(events, as: "producer-\(producer)").count
          }
        }
        return await group.reduce(into: [Int?]()) { $0.append($1) }
      }
      #expect(outcomes.count(where: { $0 == nil }) == 14)
      // Audit tells of each gap.
      #expect(try await log.size() == 274)
      let checkpoint = try await log.checkpoint(covering: 274)
      #expect(checkpoint.size == 274)
      for index: Int64 in [0, 100, 255, 256, 273] { _ = try await log.receipt(.index(index)) }
    }
  }

  @Test func onlyServicesAppend() async throws {
    try await withLog { log in
      let caller = try TestAuthority().caller([.auditor])
      await #expect(throws: AccessError.serviceRequired) {
        try await log.handler.appendEntries(
          AuditV1.AppendEntriesRequest(events: [Events.event(1)]),
          .test(caller: caller.authenticated))
      }
    }
  }

  @Test func everyPublishedCheckpointIsAPrefixOfTheLaterOnes() async throws {
    try await withLog { log in
      var next: Int64 = 1
      var checkpoints = [try await log.checkpoint()]
      for count: Int64 in [1, 253, 1, 1, 1, 255, 1, 300] {
        try await log.append(Events.events(next...(next + count - 1)))
        next += count
        checkpoints.append(try await log.checkpoint(covering: Int(next) - 1))
      }
      #expect(checkpoints.map(\.size) == [0, 1, 254, 255, 256, 257, 512, 513, 813])
      for later in checkpoints {
        for earlier in checkpoints where earlier.size <= later.size {
          let proof = try await log.handler.getConsistencyProof(
            .init(firstSize: Int64(earlier.size), secondSize: Int64(later.size)), .test())
          // A second size of 0 asks for the newest checkpoint.
          guard later.size > 0 else { continue }
          #expect(proof.firstRoot == earlier.root && proof.secondRoot == later.root)
          #expect(
            ProofVerification.consistency(
              from: earlier.size, firstRoot: earlier.root, to: later.size,
              secondRoot: later.root, proof: proof.hashes))
        }
      }
    }
  }
}
