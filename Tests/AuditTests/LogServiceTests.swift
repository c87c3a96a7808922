import AuditAPI
import Model
import RPC
import ServiceLifecycle
import ServiceRuntime
import Stubs
import TestSupport
import Testing
import TransparencyLog

/// The service over real TLS with real certificates and tokens.
@Suite(.timeLimit(.minutes(2))) struct LogServiceTests {
  /// Runs the service with its signer and tells it of two orders: one of each participant, the
  /// second refused.
  private func withService(
    _ body: (TestService<AuditService>, TestCaller, TestCaller) async throws -> Void
  ) async throws {
    let service = try await TestService(
      AuditService.self, settings: ["checkpoint-interval-milliseconds": "10"])
    let signer = try #require(service.parts.services.first)
    let signing = Task { try await signer.run() }
    let (buyer, other) = (try service.authority.caller(), try service.authority.caller())
    let producer = try service.channel(asService: "settlement")
    var events: [AuditV1.Event] = []
    for (number, caller) in [buyer, other, buyer].enumerated() {
      let name = "participant/\(caller.participantID)"
      events.append(
        Events.event(
          Int64(number) + 1, kind: number == 2 ? "order.paid" : "order.placed", actor: name,
          subjects: ["order/\(number % 2)", name], payload: "{\"number\":\"\(number)\"}"))
    }
    events[1].outcome = .refused
    _ = try await LogServiceClient(producer).appendEntries(.init(events: events))
    await producer.close()
    try await body(service, buyer, other)
    signing.cancel()
    _ = await signing.result
    await service.shutdown()
  }

  private func client(
    _ service: TestService<AuditService>, _ caller: TestCaller
  ) throws -> LogServiceClient { LogServiceClient(try service.channel(as: caller)) }

  @Test func aParticipantReadsTheDetailsOfItsOwnEntriesOnly() async throws {
    try await withService { service, buyer, other in
      let client = try client(service, buyer)
      let own = try await client.getEntry(.init(index: 0)).entry
      #expect(own.actor == "participant/\(buyer.participantID)")
      #expect(own.payload == Array("{\"number\":\"0\"}".utf8))
      let details = EntryDetails(
        actor: own.actor, subjects: own.subjects, payload: own.payload)
      #expect(
        details.commitment(salt: own.payloadSalt) == (try EntryBody(own.body)).detailsHash)
      let foreign = try await client.getEntry(.init(index: 1)).entry
      #expect(foreign.kind == "order.placed")
      #expect(foreign.outcome == .refused)
      #expect(foreign.actor.isEmpty && foreign.subjects.isEmpty)
      #expect(foreign.payload.isEmpty && foreign.payloadSalt.isEmpty)
      let listed = try await client.listEntries(.init())
      #expect(listed.entries.map(\.index) == [0, 2])
      let hidden = try await client.listEntries(
        .init(actor: "participant/\(other.participantID)"))
      #expect(hidden.entries.isEmpty)
    }
  }

  @Test(arguments: [Set<TypeV1.Role>([.auditor]), nil])
  func auditorsAndServicesReadEverything(_ roles: Set<TypeV1.Role>?) async throws {
    try await withService { service, buyer, _ in
      let channel =
        try roles.map { try service.channel(roles: $0) } ?? service.channel(asService: "catalog")
      let client = LogServiceClient(channel)
      let entries = try await client.listEntries(.init()).entries
      #expect(entries.map(\.index) == [0, 1, 2])
      #expect(entries.allSatisfy { $0.payloadSalt.count == 32 && !$0.payload.isEmpty })
      let buyers = "participant/\(buyer.participantID)"
      #expect(try await client.listEntries(.init(subject: buyers)).entries.map(\.index) == [0, 2])
      #expect(try await client.listEntries(.init(actor: buyers)).entries.map(\.index) == [0, 2])
      #expect(try await client.listEntries(.init(kind: "order.paid")).entries.map(\.index) == [2])
      let refused = try await client.listEntries(.init(outcome: .refused))
      #expect(refused.entries.map(\.index) == [1])
      let end = entries[2].time?.adding(seconds: 1)
      let accepted = try await client.listEntries(.init(endTime: end, outcome: .accepted))
      #expect(accepted.entries.map(\.index) == [0, 2])
      let times = entries.compactMap(\.time)
      let middle = try await client.listEntries(.init(startTime: times[1], endTime: times[2]))
      #expect(middle.entries.map(\.index) == [1])
      await channel.close()
    }
  }

  @Test func pagesContinueWhereTheyEnded() async throws {
    try await withService { service, buyer, _ in
      let channel = try service.channel(roles: [.auditor])
      let client = LogServiceClient(channel)
      var token = ""
      var indexes: [Int64] = []
      repeat {
        let page = try await client.listEntries(.init(pageSize: 1, pageToken: token))
        indexes += page.entries.map(\.index)
        token = page.nextPageToken
      } while !token.isEmpty
      #expect(indexes == [0, 1, 2])
      let first = try await client.listEntries(.init(pageSize: 1))
      await refused("INVALID_FIELD", .invalidArgument) {
        _ = try await client.listEntries(
          .init(pageToken: first.nextPageToken, kind: "order.paid"))
      }
      await channel.close()
    }
  }

  @Test func aTraceIsProvenStepByStep() async throws {
    try await withService { service, buyer, other in
      let client = try client(service, buyer)
      _ = try await client.getReceipt(.init(target: .index(2)))
      let key = try VerifierKey(try await client.getCheckpoint(.init()).verifierKey)
      let trace = try await client.traceSubject(.init(subject: "order/0"))
      let checkpoint = try Checkpoint.verified(trace.checkpoint.utf8, with: key)
      #expect(trace.steps.map(\.entry.kind) == ["order.placed", "order.paid"])
      for step in trace.steps {
        #expect(
          ProofVerification.inclusion(
            of: MerkleHash.leaf(step.entry.body), at: Int(step.entry.index),
            size: checkpoint.size, root: checkpoint.root, proof: step.proof))
      }
      let foreign = try await self.client(service, other).traceSubject(.init(subject: "order/0"))
      #expect(foreign.steps.isEmpty)
    }
  }

  @Test func receiptsAndProofsAreForEveryParticipant() async throws {
    try await withService { service, _, other in
      let client = try client(service, other)
      let response = try await client.getReceipt(.init(target: .index(0)))
      let key = try VerifierKey(response.verifierKey)
      #expect(key.name == "ndx.local/audit")
      let verified = try Receipt(proof: response.proof.utf8, entry: response.entry)
        .verify(with: key)
      #expect(verified.entry.kind == "order.placed")
      let size = Int64(verified.checkpoint.size)
      let proof = try await client.getInclusionProof(.init(index: 0, treeSize: size))
      #expect(proof.leafHash == verified.leafHash)
      #expect(proof.rootHash == verified.checkpoint.root)
      let growth = try await client.getConsistencyProof(.init(firstSize: 1, secondSize: size))
      #expect(growth.firstRoot == MerkleHash.leaf(response.entry))
      #expect(growth.secondRoot == verified.checkpoint.root)
    }
  }

  @Test func aCheckpointNeedsACertificateOnly() async throws {
    try await withService { service, buyer, _ in
      let channel = try service.channel(buyer.credential)
      let client = LogServiceClient(channel)
      let answer = try await client.getCheckpoint(.init())
      _ = try Checkpoint.verified(
        answer.checkpoint.utf8, with: try VerifierKey(answer.verifierKey))
      await refused("TOKEN_MISSING", .unauthenticated) {
        _ = try await client.getEntry(.init(index: 0))
      }
      await channel.close()
    }
  }

  @Test func whatCannotBeAnsweredIsRefusedWithItsReason() async throws {
    try await withService { service, buyer, _ in
      let client = try client(service, buyer)
      await refused("ENTRY_NOT_FOUND", .notFound) { _ = try await client.getEntry(.init(index: 9)) }
      await refused("ENTRY_NOT_FOUND", .notFound) {
        _ = try await client.getReceipt(.init(target: .index(.max)))
      }
      await refused("ENTRY_NOT_FOUND", .notFound) {
        _ = try await client.getReceipt(.init(target: .eventID(EventID(high: 1, low: 1))))
      }
      await refused("INVALID_FIELD", .invalidArgument) { _ = try await client.getReceipt(.init()) }
      await refused("INVALID_FIELD", .invalidArgument) {
        _ = try await client.getEntry(.init(index: -1))
      }
      await refused("SIZE_NOT_PUBLISHED", .outOfRange) {
        _ = try await client.getInclusionProof(.init(index: 0, treeSize: 99))
      }
      await refused("SIZES_REVERSED", .invalidArgument) {
        _ = try await client.getConsistencyProof(.init(firstSize: 99))
      }
      await refused("SERVICE_REQUIRED", .permissionDenied) {
        _ = try await client.appendEntries(.init(events: [Events.event(4)]))
      }
      let producer = LogServiceClient(try service.channel(asService: "settlement"))
      let expected = await refused("SEQUENCE_GAP", .failedPrecondition) {
        _ = try await producer.appendEntries(.init(events: [Events.event(6)]))
      }
      #expect(expected?.metadata["expected_sequence"] == "4")
    }
  }

  @discardableResult
  private func refused(
    _ reason: String, _ code: StatusCode, sourceLocation: SourceLocation = #_sourceLocation,
    _ call: () async throws -> Void
  ) async -> ErrorDetails? {
    do {
      try await call()
      Issue.record("it was answered", sourceLocation: sourceLocation)
    } catch let status as RPCStatus {
      #expect(status.details?.reason == reason, sourceLocation: sourceLocation)
      #expect(status.code == code, sourceLocation: sourceLocation)
      return status.details
    } catch {
      Issue.record(error, sourceLocation: sourceLocation)
    }
    return nil
  }
}
