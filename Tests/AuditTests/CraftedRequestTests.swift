import Crypto
import Model
import RPC
import ServiceLifecycle
import ServiceRuntime
import Stubs
import TestSupport
import Testing

@testable import AuditAPI

/// What somebody may ask for who does not keep to what the log gave out.
@Suite(.timeLimit(.minutes(1))) struct CraftedRequestTests {
  private func withLog(_ body: (OpenedLog) async throws -> Void) async throws {
    let log = try await OpenedLog(TemporaryDirectory())
    try await log.append(Events.events(1...30))
    _ = try await log.checkpoint(covering: 30)
    try await body(log)
    await log.close()
  }

  /// The token of a page with another place in it.
  private func token(_ token: String, index: Int, size: Int) throws -> String {
    let bytes = try #require(Base64URL.decode(token))
    let key = [index, size].flatMap { number in
      withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
    return Base64URL.encode(bytes.prefix(bytes.count - 16) + key)
  }

  @Test func aPageTokenOfNoPlaceIsRefused() async throws {
    try await withLog { log in
      let sound = try await log.handler.listEntries(.init(pageSize: 10), .test()).nextPageToken
      let traced = try await log.handler.traceSubject(
        .init(pageSize: 10, subject: "order/1"), .test()
      ).nextPageToken
      for (index, size) in [(Int.max, 30), (-1, 30), (.min, .max), (9, -1), (.max, .max)] {
        let (listing, tracing) = (
          try token(sound, index: index, size: size), try token(traced, index: index, size: size)
        )
        await #expect(throws: InvalidArgument.foreignPageToken) {
          try await log.handler.listEntries(.init(pageSize: 10, pageToken: listing), .test())
        }
        await #expect(throws: InvalidArgument.foreignPageToken) {
          try await log.handler.traceSubject(
            .init(pageSize: 10, pageToken: tracing, subject: "order/1"), .test())
        }
      }
      // A list is never longer than the log.
      let beyond = try token(sound, index: 9, size: .max)
      let rest = try await log.handler.listEntries(
        .init(pageSize: 500, pageToken: beyond, kind: ""), .test())
      #expect(rest.entries.first?.index == 10 && rest.nextPageToken.isEmpty)
      let nowhere = try token(sound, index: .max - 1, size: .max)
      let none = try await log.handler.listEntries(
        .init(pageSize: 10, pageToken: nowhere), .test())
      #expect(none.entries.isEmpty)
    }
  }

  @Test func anAlteredPageTokenIsRefusedOrLeadsToSomeOtherPage() async throws {
    try await withLog { log in
      let sound = try await log.handler.listEntries(.init(pageSize: 10), .test()).nextPageToken
      let bytes = try #require(Base64URL.decode(sound))
      for place in bytes.indices {
        for bit in 0..<8 {
          var altered = bytes
          altered[place] ^= 1 << UInt8(bit)
          let request = AuditV1.ListEntriesRequest(
            pageSize: 10, pageToken: Base64URL.encode(altered))
          do {
            let page = try await log.handler.listEntries(request, .test())
            #expect(place >= 5, "the list that it is of is checked")
            #expect(page.entries.count <= 10)
          } catch let error as InvalidArgument {
            #expect(error == .foreignPageToken)
          }
        }
      }
      await #expect(throws: InvalidArgument.foreignPageToken) {
        try await log.handler.listEntries(
          .init(pageSize: 10, pageToken: sound, kind: "order.placed"), .test())
      }
    }
  }

  @Test func aTimeRangeThatIsEmptyOrInvertedHoldsNothing() async throws {
    try await withLog { log in
      let first = Timestamp(microseconds: 1_700_000_000_000_001)
      let ranges: [(Timestamp?, Timestamp?, Int)] = [
        (first, first, 0), (first.adding(seconds: 1), first, 0), (first, nil, 30),
        (nil, first, 0), (nil, Timestamp(microseconds: first.microseconds + 1), 1),
        (Timestamp(microseconds: .max), Timestamp(microseconds: .min), 0),
        (Timestamp(microseconds: .min), Timestamp(microseconds: .max), 30),
      ]
      for (start, end, count) in ranges {
        let found = try await log.handler.listEntries(
          .init(pageSize: 100, kind: "order.placed", startTime: start, endTime: end), .test())
        #expect(found.entries.count == count, "\(String(describing: (start, end)))")
      }
    }
  }

  @Test func aCursorThatTheLogHasNotReachedWaitsForIt() async throws {
    let service = try await TestService(
      AuditService.self, settings: ["checkpoint-interval-milliseconds": "10"])
    let signer = try #require(service.parts.services.first)
    let signing = Task { try await signer.run() }
    let channel = try service.channel(asService: "settlement")
    let client = LogServiceClient(channel)
    _ = try await client.appendEntries(.init(events: Events.events(1...3)))
    for cursor: Int64 in [.max, .max - 1] {
      for try await answer in client.watchEntries(.init(afterCursor: cursor)) {
        #expect(answer.entries.isEmpty && answer.cursor >= .max - 1)
        break
      }
    }
    var seen: [Int64] = []
    for try await answer in client.watchEntries(.init(afterCursor: 4)) {
      if answer.cursor == 4, answer.entries.isEmpty, seen.isEmpty {
        _ = try await client.appendEntries(.init(events: Events.events(4...5)))
      }
      seen += answer.entries.map(\.index)
      if !seen.isEmpty { break }
    }
    #expect(seen == [4])
    await channel.close()
    signing.cancel()
    _ = await signing.result
    await service.shutdown()
  }

  @Test func aWatchGoesOnWhereItWasAfterTheLogWasKilled() async throws {
    let audit = try await FaultyAudit()
    var log = try await audit.start()
    _ = try await log.appendEntries(.init(events: Events.events(1...10)))
    var (seen, cursor): ([Int64], Int64) = ([], 0)
    for round in 0..<2 {
      do {
        for try await answer in log.watchEntries(.init(afterCursor: cursor)) {
          seen += answer.entries.map(\.index)
          cursor = answer.cursor
          if seen.count >= 10 * (round + 1) { try await audit.service.process.kill() }
        }
      } catch is RPCStatus {
        log = try await audit.start()
        let next = Int64(10 * (round + 1))
        _ = try await log.appendEntries(.init(events: Events.events((next + 1)...(next + 10))))
      }
    }
    #expect(seen == Array(0..<20))
    try await audit.stop()
  }
}
