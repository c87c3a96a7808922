import Crypto
import Model
import RPC
import Testing

@Suite struct TransportSecurityTests {
  @Test func aClientWithoutCertificateIsRefused() async throws {
    let server = try await TestServer.start()
    let anonymous = TLSCredentials(
      identity: nil, trust: .anchors(pem: server.authority.root.certificate.pem))
    await expectRefusal(of: try server.channel(anonymous))
    await server.stop()
  }

  @Test func aClientOfAnotherAuthorityIsRefused() async throws {
    let server = try await TestServer.start()
    let stranger = try TestAuthority().credentials(
      TestAuthority.clientID, trusting: server.authority)
    await expectRefusal(of: try server.channel(stranger))
    await server.stop()
  }

  @Test func aServerOfAnotherAuthorityIsRefused() async throws {
    let server = try await TestServer.start()
    let gullible = try server.authority.credentials(
      TestAuthority.clientID, trusting: TestAuthority())
    await expectRefusal(of: try server.channel(gullible))
    await server.stop()
  }

  @Test func anExpiredClientCertificateIsRefused() async throws {
    let server = try await TestServer.start()
    let expired = try server.authority.credentials(TestAuthority.clientID, validSeconds: -60)
    await expectRefusal(of: try server.channel(expired))
    await server.stop()
  }

  @Test func aServerThatIsNotTheOneExpectedGetsNoCall() async throws {
    let server = try await TestServer.start()
    let channel = try server.channel(
      expecting: .service("settlement", trustDomain: TestAuthority.trustDomain))
    let status = await channel.failure(EchoMethods.hang)
    #expect(status?.code == .unavailable)
    #expect(
      status?.message.contains("the server is not spiffe://test.ndx.vn/service/settlement") == true)
    await channel.close()
    await server.stop()
  }

  /// The handshake was fine; the certificate runs out while the connection is open.
  @Test func aCertificateThatExpiresOnAnOpenConnectionIsRefusedPerCall() async throws {
    let ahead = ManualSeconds()
    let clock = WallClock { WallClock.system.now().adding(seconds: ahead.value) }
    let server = try await TestServer.start(clock: clock)
    let channel = try server.channel()
    let before = try await channel.echo(EchoMethods.echo, Echo(typeURL: "valid"))
    #expect(before.typeURL == "valid")
    ahead.value = 7200
    let status = await channel.failure(EchoMethods.echo)
    #expect(status?.code == .unauthenticated)
    #expect(status?.details?.reason == "CERTIFICATE_EXPIRED")
    await channel.close()
    await server.stop()
  }

  @Test func reloadedCredentialsServeNewConnectionsAndKeepOpenOnes() async throws {
    let server = try await TestServer.start()
    let old = try server.channel()
    _ = try await old.echo(EchoMethods.echo, Echo())
    let renewed = "spiffe://test.ndx.vn/service/renewed"
    try server.tls.reload(server.authority.credentials(renewed))
    let kept = try await old.echo(EchoMethods.echo, Echo(typeURL: "kept"))
    #expect(kept.typeURL == "kept")
    let new = try server.channel(expecting: .spiffeID(renewed))
    let fresh = try await new.echo(EchoMethods.echo, Echo(typeURL: "fresh"))
    #expect(fresh.typeURL == "fresh")
    await old.close()
    await new.close()
    await server.stop()
  }

  @Test func theEnrolmentListenerServesCallersWithoutCertificate() async throws {
    let server = try await TestServer.start { $0.clientCertificate = .notRequested }
    let pinned = TLSCredentials(
      identity: nil,
      trust: .pinnedRoot(fingerprint: server.authority.root.certificate.fingerprint))
    let channel = try server.channel(pinned)
    let seen = try await channel.echo(EchoMethods.context, Echo())
    #expect(seen.typeURL.hasPrefix("anonymous"))
    await channel.close()
    let other = try TestAuthority().root.certificate.fingerprint
    await expectRefusal(
      of: try server.channel(
        TLSCredentials(identity: nil, trust: .pinnedRoot(fingerprint: other))))
    await server.stop()
  }

  private func expectRefusal(of channel: RPCChannel) async {
    let status = await channel.failure(EchoMethods.hang)
    #expect(status?.code == .unavailable)
    #expect(status?.message.contains("cannot connect") == true, "\(String(describing: status))")
    await channel.close()
  }
}
