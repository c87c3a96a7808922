import Crypto
import Model
import RPC
import Synchronization
import Testing

/// Certificates, keys and anchors are replaced while calls run.
@Suite struct ReloadTests {
  private static let rounds = 20

  @Test func noCallFailsWhileBothEndsReloadTwentyTimes() async throws {
    let server = try await TestServer.start()
    let client = try TLSContextStore(server.authority.credentials(TestAuthority.clientID))
    let channel = server.channel(client)
    let log = EchoLog()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          while !Task.isCancelled {
            _ = try await channel.echo(EchoMethods.echo, Echo(typeURL: "steady"))
            log.attempts.add(1, ordering: .relaxed)
          }
        }
      }
      for _ in 0..<Self.rounds {
        try server.tls.reload(server.authority.credentials(TestAuthority.serverID))
        try client.reload(server.authority.credentials(TestAuthority.clientID))
        let before = log.attempts.load(ordering: .relaxed)
        while log.attempts.load(ordering: .relaxed) < before + 8 { await Task.yield() }
      }
      group.cancelAll()
      do {
        try await group.waitForAll()
      } catch let status as RPCStatus where status.code == .cancelled {}
    }
    #expect(server.tls.handshakes.full > Self.rounds)
    #expect(server.tls.handshakes.failed == 0)
    await channel.close()
    await server.stop()
  }

  @Test func anOpenStreamOutlivesEveryReload() async throws {
    let server = try await TestServer.start()
    let client = try TLSContextStore(server.authority.credentials(TestAuthority.clientID))
    let channel = server.channel(client)
    // More than the windows and buffers on the way hold, so that the handler is still at work at the end.
    let count = 400
    let stream: ResponseStream<Echo> = channel.serverStreaming(
      EchoMethods.count, Echo(typeURL: "\(count)", value: [UInt8](repeating: 1, count: 10_000)))
    var received = 0
    for try await _ in stream {
      received += 1
      guard received % (count / Self.rounds) == 0 else { continue }
      try server.tls.reload(server.authority.credentials(TestAuthority.serverID))
      try client.reload(server.authority.credentials(TestAuthority.clientID))
      _ = try await channel.echo(EchoMethods.echo, Echo())
    }
    #expect(received == count)
    await channel.close()
    await server.stop()
  }

  @Test func credentialsThatDoNotFitTogetherLeaveTheOldOnesInUse() async throws {
    let server = try await TestServer.start()
    let other = try server.authority.credentials(TestAuthority.serverID)
    let anchors = server.authority.root.certificate.pem
    let chain = try #require(other.identity?.certificateChainPEM)
    let faults: [TLSCredentials] = [
      TLSCredentials(
        certificateChainPEM: chain, privateKeyPEM: try P256PrivateKey.generate().pem(),
        trustAnchorsPEM: anchors),
      TLSCredentials(certificateChainPEM: chain, privateKeyPEM: "", trustAnchorsPEM: anchors),
      TLSCredentials(certificateChainPEM: "", privateKeyPEM: "", trustAnchorsPEM: anchors),
      TLSCredentials(
        certificateChainPEM: String(chain.dropLast(40)),
        privateKeyPEM: try P256PrivateKey.generate().pem(), trustAnchorsPEM: anchors),
      TLSCredentials(identity: other.identity, trust: .anchors(pem: "")),
    ]
    for fault in faults {
      #expect(throws: (any Error).self) { try server.tls.reload(fault) }
      let channel = try server.channel()
      _ = try await channel.echo(EchoMethods.echo, Echo())
      await channel.close()
    }
    await server.stop()
  }

  @Test func anAnchorThatIsRemovedRefusesNewConnectionsAndOneThatIsAddedAccepts() async throws {
    let server = try await TestServer.start()
    let successor = try TestAuthority()
    let old = try server.channel()
    _ = try await old.echo(EchoMethods.echo, Echo())
    try server.tls.reload(successor.credentials(TestAuthority.serverID))
    _ = try await old.echo(EchoMethods.echo, Echo())
    // It believes the new server, which does not believe it.
    let late = try server.channel(
      server.authority.credentials(TestAuthority.clientID, trusting: successor))
    let status = await late.failure(EchoMethods.hang)
    #expect(status?.message.contains("the other end refused: unknown_ca") == true)
    let new = try server.channel(successor.credentials(TestAuthority.clientID))
    _ = try await new.echo(EchoMethods.echo, Echo())
    for channel in [old, late, new] { await channel.close() }
    await server.stop()
  }
}
