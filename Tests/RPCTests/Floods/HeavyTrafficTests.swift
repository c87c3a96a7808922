import Model
import RPC
import Testing

/// Clients that mean no harm are not taken for floods, however much they do.
@Suite(.serialized) struct HeavyTrafficTests {
  @Test func manyQuickCallsAreServed() async throws {
    let count = isLongRun ? 200_000 : 10_000
    try await withEcho({ $0.maximumConnectionsPerPeer = 1 }) { server, _ in
      let channel = try server.channel { $0.maximumConnections = 1 }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<50 {
          group.addTask {
            for _ in 0..<count / 50 {
              _ = try await channel.echo(EchoMethods.context, Echo())
            }
          }
        }
        try await group.waitForAll()
      }
      await channel.close()
    }
  }

  /// As clients do that measure the bandwidth: PING and WINDOW_UPDATE for every answer.
  @Test func aPingAndWindowUpdatesForEachAnswerAreFine() async throws {
    try await politely(rounds: 3000) { peer, round in
      peer.add(RawFrame.request(stream: 2 * round + 1))
      for frame in RawFrame.message(Self.echo(10), stream: 2 * round + 1) { peer.add(frame) }
      peer.add(RawFrame.bytes(.ping, [UInt8](repeating: 0, count: 8)))
      peer.add(RawFrame.windowUpdate(by: 17))
    } isAnswered: {
      $0.ended.count == Int($1)
    }
  }

  @Test func aLargeDownloadWithManyWindowUpdatesIsFine() async throws {
    try await politely(rounds: 300) { peer, round in
      peer.add(RawFrame.request(stream: 2 * round + 1))
      for frame in RawFrame.message(Self.echo(60_000), stream: 2 * round + 1) {
        peer.add(frame)
      }
      // Four for every 16 KiB, of the stream and of the connection.
      for _ in 0..<8 {
        peer.add(RawFrame.windowUpdate(by: 7600))
        peer.add(RawFrame.windowUpdate(stream: 2 * round + 1, by: 7600))
      }
    } isAnswered: {
      $0.ended.count == Int($1)
    }
  }

  @Test func aLongUploadOfSmallMessagesIsFine() async throws {
    try await politely(rounds: 20_000) { peer, round in
      if round == 0 {
        peer.add(RawFrame.request(stream: 1, path: "/ndx.test.v1.EchoService/Collect"))
      }
      peer.add(RawFrame.bytes(.data, stream: 1, [0, 0, 0, 0, 0]))
    } isAnswered: { _, _ in
      true
    }
  }

  @Test func cancellingEveryThirdCallIsFine() async throws {
    try await politely(rounds: 1000) { peer, round in
      for stream in [6 * round + 1, 6 * round + 3] {
        peer.add(RawFrame.request(stream: stream))
        for frame in RawFrame.message(Self.echo(10), stream: stream) { peer.add(frame) }
      }
      let cancelled = 6 * round + 5
      peer.add(RawFrame.request(stream: cancelled, path: "/ndx.test.v1.EchoService/Hang"))
      for frame in RawFrame.message(Self.echo(10), stream: cancelled) { peer.add(frame) }
      peer.add(RawFrame.bytes(.resetStream, stream: cancelled, RawFrame.number(8)))
    } isAnswered: {
      $0.ended.count >= Int($1) * 2
    }
  }

  /// As when a server is slow and its clients' deadlines pass.
  @Test func cancellingAllCallsAfterAWhileIsFine() async throws {
    try await politely(rounds: 5, perFlush: 1) { peer, round in
      let streams = stride(from: 400 * round + 1, to: 400 * round + 400, by: 2)
      for stream in streams {
        peer.add(RawFrame.request(stream: stream, path: "/ndx.test.v1.EchoService/Hang"))
        for frame in RawFrame.message(Self.echo(10), stream: stream) { peer.add(frame) }
      }
      peer.flush()
      _ = peer.end(within: 250)
      for stream in streams {
        peer.add(RawFrame.bytes(.resetStream, stream: stream, RawFrame.number(8)))
      }
    } isAnswered: { _, _ in
      true
    }
  }

  private static func echo(_ count: Int) -> Echo {
    Echo(value: [UInt8](repeating: 1, count: count))
  }

  /// Sends rounds and reads the answers to each few of them; the connection must last.
  private func politely(
    rounds: UInt32, perFlush: UInt32 = 20,
    _ round: @escaping @Sendable (Attacker, UInt32) -> Void,
    isAnswered: @escaping @Sendable (Attacker, UInt32) -> Bool
  ) async throws {
    try await withEcho { server, channel in
      let credentials = try server.authority.credentials(TestAuthority.clientID)
      let port = server.port
      let end = try await onThread {
        let peer = try Attacker(port: port, credentials)
        for number in 0..<rounds {
          round(peer, number)
          guard (number + 1) % perFlush == 0 else { continue }
          peer.flush()
          guard peer.read(until: { isAnswered($0, number + 1) }) else { break }
        }
        return peer.end(within: 50)
      }
      #expect(end == nil)
    }
  }
}
