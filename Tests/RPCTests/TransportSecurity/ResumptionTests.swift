import COpenSSL
import Crypto
import Model
import Testing

@testable import RPC

/// Session tickets: what they save, and what they may not get round.
@Suite struct ResumptionTests {
  /// A client that has been let in once, and the ticket it was given.
  private func ticket(
    from server: TestServer, to credentials: TLSCredentials,
    configure: (OpaquePointer?, OpaquePointer?) -> Void = { _, _ in }
  ) throws -> TLSSession {
    let client = try HandshakePeer(server, credentials, configure: configure)
    #expect(client.end() == .connected)
    return try #require(client.session)
  }

  private func withTicket(
    _ body: (TestServer, TLSCredentials, TLSSession) async throws -> Void
  ) async throws {
    let server = try await TestServer.start()
    let credentials = try server.authority.credentials(TestAuthority.clientID)
    do {
      try await body(server, credentials, try ticket(from: server, to: credentials))
    } catch {
      await server.stop()
      throw error
    }
    await server.stop()
  }

  @Test func aChannelThatReconnectsIsKnownWithoutAFullHandshake() async throws {
    let server = try await TestServer.start()
    let tls = try TLSContextStore(server.authority.credentials(TestAuthority.clientID))
    for _ in 0..<3 {
      let channel = server.channel(tls)
      let seen = try await channel.echo(EchoMethods.context, Echo())
      #expect(seen.typeURL.hasPrefix(TestAuthority.clientID))
      await channel.close()
    }
    #expect(server.tls.handshakes == TLSHandshakeCounts(full: 1, resumed: 2))
    await server.stop()
  }

  @Test func aResumedClientStillJudgesTheServer() async throws {
    let server = try await TestServer.start()
    let tls = try TLSContextStore(server.authority.credentials(TestAuthority.clientID))
    let first = server.channel(tls)
    _ = try await first.echo(EchoMethods.echo, Echo())
    await first.close()
    let other = server.channel(
      tls, expecting: .service("settlement", trustDomain: TestAuthority.trustDomain))
    let status = await other.failure(EchoMethods.hang)
    #expect(
      status?.message.contains("the server is not spiffe://test.ndx.vn/service/settlement") == true)
    // The ticket was offered, and the client left without finishing the handshake.
    let context = try tls.context(for: .client)
    #expect(context.sessions.count == 0)
    await other.close()
    await server.stop()
    #expect(server.tls.handshakes == TLSHandshakeCounts(full: 1, resumed: 0, failed: 1))
  }

  @Test func aCertificateThatHasExpiredIsRefusedPerCallOnAResumedConnection() async throws {
    let ahead = ManualSeconds()
    let clock = WallClock { WallClock.system.now().adding(seconds: ahead.value) }
    let server = try await TestServer.start(clock: clock)
    let tls = try TLSContextStore(server.authority.credentials(TestAuthority.clientID))
    let first = server.channel(tls)
    _ = try await first.echo(EchoMethods.echo, Echo())
    await first.close()
    ahead.value = 7200
    let second = server.channel(tls)
    let status = await second.failure(EchoMethods.echo)
    #expect(status?.code == .unauthenticated)
    #expect(status?.details?.reason == "CERTIFICATE_EXPIRED")
    #expect(server.tls.handshakes.resumed == 1)
    await second.close()
    await server.stop()
  }

  @Test func aTicketOfACertificateThatHasExpiredDoesNotCount() async throws {
    let server = try await TestServer.start()
    let forged = try ForgedCertificate(by: server.authority) { $0.notAfterSeconds = 2 }
    let credentials = try forged.credentials(trusting: server.authority)
    let session = try ticket(from: server, to: credentials)
    let certificate = try #require(try Certificate.all(inPEM: forged.chainPEM).first)
    // OpenSSL's clock ticks some milliseconds later.
    while certificate.isValid(at: WallClock.system.now().adding(microseconds: -50_000)) {
      try await Task.sleep(for: .milliseconds(20))
    }
    let late = try HandshakePeer(server, credentials)
    late.resume(session)
    #expect(late.end() == .alert(45))
    #expect(server.tls.handshakes.resumed == 0)
    await server.stop()
  }

  @Test func aTicketEndsWithTheCredentialsItWasIssuedUnder() async throws {
    try await withTicket { server, credentials, session in
      try server.tls.reload(server.authority.credentials(TestAuthority.serverID))
      let renewed = try HandshakePeer(server, credentials)
      renewed.resume(session)
      #expect(renewed.end() == .connected)
      #expect(!renewed.isResumed)
    }
  }

  @Test func aTicketCountsOnceAndIsExchangedForTheNext() async throws {
    try await withTicket { server, credentials, session in
      let first = try HandshakePeer(server, credentials)
      first.resume(session)
      #expect(first.end() == .connected)
      #expect(first.isResumed)
      let second = try HandshakePeer(server, credentials)
      second.resume(session)
      #expect(second.end() == .connected)
      #expect(!second.isResumed)
      let third = try HandshakePeer(server, credentials)
      third.resume(try #require(first.session))
      #expect(third.end() == .connected)
      #expect(third.isResumed)
    }
  }

  @Test func anAnchorThatIsRemovedTakesItsTicketsWithIt() async throws {
    try await withTicket { server, credentials, session in
      let successor = try TestAuthority()
      try server.tls.reload(successor.credentials(TestAuthority.serverID))
      let stranger = try HandshakePeer(server, credentials)
      stranger.resume(session)
      #expect(stranger.end() == .alert(48))
    }
  }

  @Test func aTicketThatWasAlteredOrIsNotOursMeansAFullHandshake() async throws {
    try await withTicket { server, credentials, session in
      let other = try await TestServer.start(authority: server.authority)
      let elsewhere = try HandshakePeer(other, credentials)
      elsewhere.resume(session)
      #expect(elsewhere.end() == .connected)
      #expect(!elsewhere.isResumed)
      await other.stop()

      var bytes: UnsafePointer<UInt8>?
      var count = 0
      SSL_SESSION_get0_ticket(session.pointer, &bytes, &count)
      UnsafeMutablePointer(mutating: try #require(bytes))[count / 2] ^= 1
      let altered = try HandshakePeer(server, credentials)
      altered.resume(session)
      #expect(altered.end() == .connected)
      #expect(!altered.isResumed)
    }
  }

  @Test func keysAreExchangedAnewEvenForAClientThatWouldDoWithout() async throws {
    try await withTicket { server, credentials, session in
      // SSL_OP_ALLOW_NO_DHE_KEX: psk_ke is offered beside psk_dhe_ke.
      let client = try HandshakePeer(server, credentials) { _, ssl in
        SSL_set_options(ssl, 1 << 10)
      }
      client.resume(session)
      #expect(client.end() == .connected)
      #expect(client.isResumed)
      #expect(client.group == NID_X9_62_prime256v1 || client.group == NID_X25519)
    }
  }

  @Test func earlyDataIsNotAccepted() async throws {
    try await withTicket { server, credentials, session in
      #expect(SSL_SESSION_get_max_early_data(session.pointer) == 0)
      SSL_SESSION_set_max_early_data(session.pointer, 1000)
      let eager = try HandshakePeer(server, credentials)
      eager.resume(session)
      let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
      #expect(eager.sendEarly(preface))
      #expect(eager.end() == .connected)
      #expect(eager.isEarlyDataRefused)
    }
  }

  @Test func aListenerWithoutClientCertificatesIssuesNoTickets() async throws {
    let server = try await TestServer.start { $0.clientCertificate = .notRequested }
    let client = try HandshakePeer(server, nil)
    #expect(client.end() == .connected)
    #expect(client.session == nil)
    await server.stop()
  }

  @Test func sessionsAreGivenOutOnceAndKeptInBounds() async throws {
    try await withTicket { _, _, session in
      let cache = SessionCache()
      for index in 0..<5 * SessionCache.limit {
        let key = [UInt8(index / 5 % 256), UInt8(index / 5 / 256)]
        cache.add(try #require(TLSSession(copying: session.pointer)), for: key)
      }
      #expect(cache.count == SessionCache.limit)
      let newest: [UInt8] = [255, 1]
      for _ in 0..<SessionCache.limitPerKey { #expect(cache.take(for: newest) != nil) }
      #expect(cache.take(for: newest) == nil)
      #expect(cache.take(for: [0, 0]) == nil)
    }
  }

  /// Processor time of both ends, in memory. The resumed handshake checks and makes no signature.
  @Test func resumingTakesLessThanHalfOfAFullHandshake() throws {
    let authority = try TestAuthority()
    let server = try TLSContextStore(authority.credentials(TestAuthority.serverID))
    let client = try TLSContextStore(authority.credentials(TestAuthority.clientID))
    let service = try #require(ServiceAddress("127.0.0.1:1"))
    let target = ClientTarget(
      endpoint: Endpoint(service: service, address: try #require(service.numericAddress)),
      expectation: .spiffeID(TestAuthority.serverID))
    var full = HandshakeCost()
    var resumed = HandshakeCost()
    for _ in 0..<40 {
      _ = try client.context(for: .client).sessions.take(for: target.sessionKey)
      try full.add(server, client, target)
      try resumed.add(server, client, target)
    }
    #expect(resumed.resumptions == 40 && full.resumptions == 0)
    #expect(resumed.server * 2 < full.server, "\(full) \(resumed)")
    #expect(resumed.client * 2 < full.client, "\(full) \(resumed)")
  }
}
