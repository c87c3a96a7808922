import AuditAPI
import Model
import RPC
import ServiceLifecycle
import ServiceRuntime
import Stubs
import TestSupport
import Testing

/// Following the log, and checking the whole of it, over real TLS.
@Suite(.timeLimit(.minutes(2))) struct WatchTests {
  private func withService(
    _ body: (TestService<AuditService>, LogServiceClient) async throws -> Void
  ) async throws {
    let service = try await TestService(
      AuditService.self, settings: ["checkpoint-interval-milliseconds": "10"])
    let signer = try #require(service.parts.services.first)
    let signing = Task { try await signer.run() }
    let producer = try service.channel(asService: "settlement")
    try await body(service, LogServiceClient(producer))
    await producer.close()
    signing.cancel()
    _ = await signing.result
    await service.shutdown()
  }

  /// Reads until `count` entries have come; returns their indexes and the cursor after them.
  private func watch(
    _ client: LogServiceClient, _ request: AuditV1.WatchEntriesRequest, count: Int,
    onStart: () async throws -> Void = {}
  ) async throws -> (indexes: [Int64], cursor: Int64) {
    var indexes: [Int64] = []
    var cursor: Int64 = 0
    var hasStarted = false
    let stream = client.watchEntries(request)
    for try await answer in stream {
      if !hasStarted {
        hasStarted = true
        try await onStart()
      }
      indexes += answer.entries.map(\.index)
      cursor = answer.cursor
      if indexes.count >= count { break }
    }
    return (indexes, cursor)
  }

  @Test func aWatchGivesWhatIsThereAndWhatComes() async throws {
    try await withService { service, producer in
      _ = try await producer.appendEntries(.init(events: Events.events(1...250)))
      let channel = try service.channel(asService: "catalog")
      let client = LogServiceClient(channel)
      let seen = try await watch(client, .init(), count: 251) {
        _ = try await producer.appendEntries(.init(events: [Events.event(251)]))
      }
      #expect(seen.indexes == Array(0..<251))
      #expect(seen.cursor == 251)
      await channel.close()
    }
  }

  @Test func aResumedWatchMissesAndRepeatsNothing() async throws {
    try await withService { service, producer in
      _ = try await producer.appendEntries(.init(events: Events.events(1...30)))
      let channel = try service.channel(asService: "catalog")
      let client = LogServiceClient(channel)
      let first = try await watch(client, .init(), count: 1)
      let second = try await watch(client, .init(afterCursor: first.cursor), count: 1) {
        _ = try await producer.appendEntries(.init(events: [Events.event(31)]))
      }
      let third = try await watch(
        client, .init(afterCursor: second.cursor, fromNow: false), count: 1
      ) {
        _ = try await producer.appendEntries(.init(events: [Events.event(32)]))
      }
      let all = first.indexes + second.indexes + third.indexes
      #expect(all == Array(0..<Int64(all.count)))
      await channel.close()
    }
  }

  @Test func aWatchFromNowBeginsWithWhatComesAndKeepsToItsFilter() async throws {
    try await withService { service, producer in
      _ = try await producer.appendEntries(.init(events: Events.events(1...3)))
      let channel = try service.channel(asService: "catalog")
      let client = LogServiceClient(channel)
      _ = try await watch(client, .init(), count: 3)
      var refused = Events.event(5, kind: "order.paid")
      refused.outcome = .refused
      let events = [Events.event(4, kind: "order.paid"), refused, Events.event(6)]
      let seen = try await watch(
        client, .init(fromNow: true, kind: "order.paid", outcome: .refused), count: 1
      ) {
        _ = try await producer.appendEntries(.init(events: events))
      }
      #expect(seen.indexes == [4])
      await channel.close()
    }
  }

  @Test func aParticipantWatchesItsOwnEntriesOnly() async throws {
    try await withService { service, producer in
      let caller = try service.authority.caller()
      let own = "participant/\(caller.participantID)"
      _ = try await producer.appendEntries(
        .init(events: [
          Events.event(1), Events.event(2, actor: own, subjects: ["order/9"]), Events.event(3),
        ]))
      let channel = try service.channel(as: caller)
      let seen = try await watch(LogServiceClient(channel), .init(), count: 1)
      #expect(seen.indexes == [1])
      await channel.close()
    }
  }

  @Test func aRevokedWatcherIsCutOff() async throws {
    try await withService { service, producer in
      let caller = try service.authority.caller()
      let channel = try service.channel(as: caller)
      await #expect(throws: RPCStatus.self) {
        for try await _ in LogServiceClient(channel).watchEntries(.init()) {
          service.context.revocations.shutDown()
        }
      }
      await channel.close()
    }
  }

  @Test func onlyAuditorsAndSecurityOfficersVerifyTheWholeLog() async throws {
    try await withService { service, producer in
      _ = try await producer.appendEntries(.init(events: Events.events(1...20)))
      for role in [TypeV1.Role.auditor, .securityOfficer] {
        let channel = try service.channel(roles: [role])
        var last: AuditV1.VerifyLogResponse?
        for try await answer in LogServiceClient(channel).verifyLog(.init()) {
          last = answer
        }
        #expect(last?.isFinished == true)
        #expect(last?.faultCount == 0)
        #expect(last?.checkedEntries == 20)
        await channel.close()
      }
      let channel = try service.channel(roles: [.provider])
      await #expect(throws: RPCStatus.self) {
        for try await _ in LogServiceClient(channel).verifyLog(.init()) {}
      }
      await channel.close()
    }
  }
}
