import Crypto
import Model
import RPC
import ServiceRuntime
import TestSupport
import Testing

@Suite struct AuthenticatorTests {
  /// Half an hour ago, so that what is issued later in a test is already valid for TLS.
  private let time = ManualTime(WallClock.system.now().adding(seconds: -1_800))

  /// What the service refuses a call with.
  private func refusal(
    _ channel: RPCChannel, _ method: MethodDescriptor, authorization: String? = nil
  ) async -> String {
    do {
      return "accepted: " + (try await channel.echo(method, authorization: authorization))
    } catch let status as RPCStatus {
      return "\(status.code) \(status.details?.reason ?? status.message)"
    } catch {
      return "\(error)"
    }
  }

  private func withService(
    isolatedRevocations: Bool = false,
    _ body: (TestService<EchoService>) async throws -> Void
  ) async throws {
    let service = try await TestService(
      EchoService.self, clock: time.clock, isolatedRevocations: isolatedRevocations)
    do {
      try await body(service)
      await service.shutdown()
    } catch {
      await service.shutdown()
      throw error
    }
  }

  @Test func aParticipantWithItsTokenIsKnown() async throws {
    try await withService { service in
      let caller = try service.authority.caller([.registrar], now: time.now)
      let channel = try service.channel(as: caller)
      let name = "participant/\(caller.participantID)"
      #expect(try await channel.echo(EchoService.forParticipants) == name)
      #expect(try await channel.echo(EchoService.forRegistrars) == name)
      #expect(try await channel.echo(EchoService.byCertificate) == name)
      await channel.close()
    }
  }

  @Test func eachMethodIsRefusedToWhoItIsNotFor() async throws {
    try await withService { service in
      let provider = try service.channel(roles: [.provider])
      #expect(
        await refusal(provider, EchoService.forRegistrars) == "permissionDenied ROLE_REQUIRED")
      #expect(
        await refusal(provider, EchoService.forCatalog) == "permissionDenied SERVICE_REQUIRED")
      #expect(await refusal(provider, EchoService.forNobody) == "permissionDenied SERVICE_REQUIRED")
      let audit = try service.channel(asService: "audit")
      #expect(try await audit.echo(EchoService.forServices) == "service/audit")
      #expect(await refusal(audit, EchoService.forCatalog) == "permissionDenied SERVICE_REQUIRED")
      #expect(await refusal(audit, EchoService.forParticipants) == "permissionDenied ROLE_REQUIRED")
      let catalog = try service.channel(asService: "catalog")
      #expect(try await catalog.echo(EchoService.forCatalog) == "service/catalog")
      for channel in [provider, audit, catalog] { await channel.close() }
    }
  }

  @Test func aTokenMustBeThereValidAndTheCallers() async throws {
    try await withService { service in
      let authority = service.authority
      let caller = try authority.caller([.registrar])
      let channel = try service.channel(caller.credential)
      func reason(_ authorization: String?) async -> String {
        await refusal(channel, EchoService.forParticipants, authorization: authorization)
      }
      func bearer(_ token: String) -> String { "Bearer \(token)" }
      #expect(await reason(nil) == "unauthenticated TOKEN_MISSING")
      #expect(await reason("Basic abc") == "unauthenticated TOKEN_INVALID")
      #expect(await reason("Bearer x.y.z") == "unauthenticated TOKEN_INVALID")

      let elsewhere = try authority.token(for: caller, audience: "audit", now: time.now)
      #expect(await reason(bearer(elsewhere)) == "unauthenticated TOKEN_INVALID")

      let other = try authority.caller([.registrar])
      let stolen = try authority.token(for: other, audience: "echo", now: time.now)
      #expect(await reason(bearer(stolen)) == "unauthenticated TOKEN_INVALID")

      let stranger = try TestAuthority()
      let forged = try stranger.token(for: caller, audience: "echo", now: time.now)
      #expect(await reason(bearer(forged)) == "unauthenticated TOKEN_INVALID")

      let good = try authority.token(for: caller, audience: "echo", now: time.now)
      #expect(await reason(bearer(good)).hasPrefix("accepted"))
      #expect(await reason("bearer \(good)").hasPrefix("accepted"))
      time.advance(seconds: 301)
      #expect(await reason(bearer(good)) == "unauthenticated TOKEN_EXPIRED")
      await channel.close()
    }
  }

  @Test func anExpiredCertificateEndsOnAnOpenConnection() async throws {
    try await withService { service in
      let channel = try service.channel(
        as: try service.authority.caller([.registrar], now: time.now))
      #expect(try await channel.echo(EchoService.byCertificate).hasPrefix("participant/"))
      time.advance(seconds: 3_601)
      let reason = await refusal(channel, EchoService.byCertificate)
      #expect(reason == "unauthenticated CERTIFICATE_EXPIRED")
      await channel.close()
    }
  }

  @Test func aRenewedCertificateIsUsedFromTheNextCallOn() async throws {
    try await withService { service in
      func credentials() throws -> TLSCredentials {
        try service.authority.credential(for: .service("catalog"), now: time.now).tls()
      }
      let tls = try TLSContextStore(try credentials())
      let channel = RPCChannel(
        target: service.address.description, tls: tls,
        expecting: .service("echo", trustDomain: service.authority.trustDomain))
      #expect(try await channel.echo(EchoService.forCatalog) == "service/catalog")
      time.advance(seconds: 1_700)
      let renewed = try credentials()
      time.advance(seconds: 1_901)
      let reason = await refusal(channel, EchoService.forCatalog)
      #expect(reason == "unauthenticated CERTIFICATE_EXPIRED")
      try tls.reload(renewed)
      #expect(try await channel.echo(EchoService.forCatalog) == "service/catalog")
      await channel.close()
    }
  }

  @Test func revocationsBiteOnTheNextCall() async throws {
    try await withService { service in
      let caller = try service.authority.caller([.registrar], now: time.now)
      let channel = try service.channel(as: caller)
      let revocations = service.context.revocations
      let method = EchoService.forParticipants
      #expect(await refusal(channel, method).hasPrefix("accepted"))

      let participant = RevocationSubject.participant(caller.participantID)
      revocations.apply(
        [RevocationEntry(epoch: 1, subject: participant, notBefore: time.now, isBlocked: true)],
        epoch: 1, asOf: time.now)
      #expect(await refusal(channel, method) == "unauthenticated CREDENTIAL_REVOKED")

      // Reinstated, but what was issued before stays refused.
      revocations.apply(
        [RevocationEntry(epoch: 2, subject: participant, notBefore: time.now)], epoch: 2,
        asOf: time.now)
      #expect(await refusal(channel, method) == "unauthenticated CREDENTIAL_REVOKED")
      await channel.close()
      time.advance(seconds: 120)
      let renewed = try service.authority.caller(
        [.registrar], participant: caller.participantID, now: time.now)
      let fresh = try service.channel(as: renewed)
      let answer = await refusal(fresh, method)
      #expect(answer == "accepted: participant/\(caller.participantID)")
      revocations.apply(
        [
          RevocationEntry(
            epoch: 3, subject: .credential(serial: renewed.credential.leaf.serial),
            notBefore: time.now)
        ], epoch: 3, asOf: time.now)
      #expect(await refusal(fresh, method) == "unauthenticated CREDENTIAL_REVOKED")
      await fresh.close()
    }
  }

  @Test func aRevokedCallerIsRefusedOnAResumedConnection() async throws {
    try await withService { service in
      let caller = try service.authority.caller(now: time.now)
      let tls = try TLSContextStore(try caller.credential.tls())
      func reconnected() async -> String {
        let channel = RPCChannel(
          target: service.address.description, tls: tls,
          expecting: .service("echo", trustDomain: service.authority.trustDomain))
        let answer = await refusal(channel, EchoService.byCertificate)
        await channel.close()
        return answer
      }
      #expect(await reconnected().hasPrefix("accepted"))
      #expect(await reconnected().hasPrefix("accepted"))
      let serial = caller.credential.leaf.serial
      service.context.revocations.apply(
        [RevocationEntry(epoch: 1, subject: .credential(serial: serial), notBefore: time.now)],
        epoch: 1, asOf: time.now)
      #expect(await reconnected() == "unauthenticated CREDENTIAL_REVOKED")
      let participant = RevocationSubject.participant(caller.participantID)
      service.context.revocations.apply(
        [RevocationEntry(epoch: 2, subject: participant, notBefore: time.now, isBlocked: true)],
        epoch: 2, asOf: time.now)
      #expect(await reconnected() == "unauthenticated CREDENTIAL_REVOKED")
      #expect(service.context.tls.handshakes == TLSHandshakeCounts(full: 1, resumed: 3))
    }
  }

  /// TLS accepts the certificate; nothing in it says who this is, or another exchange does.
  @Test(arguments: [
    nil, "spiffe://test.ndx", "spiffe://test.ndx/service/", "spiffe://test.ndx/citizen/1",
    "spiffe://other.ndx/service/catalog", "spiffe://test.ndx.evil/service/catalog",
    "spiffe://TEST.ndx/service/catalog", "spiffe://test.ndx/service/catalog?x",
  ])
  func aNameThatIsNotTheExchangesIsUnknown(name: String?) async throws {
    try await withService { service in
      let peer = Peer(
        certificate: PeerCertificate(
          spiffeID: name, serial: "01", fingerprint: Digest.sha256(of: [1]), notBefore: time.now,
          notAfter: time.now.adding(seconds: 60)), address: "127.0.0.1:1")
      var context = CallContext(method: EchoService.byCertificate, peer: peer)
      let authenticator = Authenticator(
        service: "echo", trustDomain: "test.ndx", revocations: service.context.revocations,
        keys: service.context.keys, clock: time.clock)
      #expect(throws: AccessError.certificateUnknown) { try authenticator.before(&context) }
    }
  }

  @Test func aStaleViewRefusesEverything() async throws {
    try await withService(isolatedRevocations: true) { service in
      let channel = try service.channel(roles: [.registrar])
      let method = EchoService.forParticipants
      #expect(await refusal(channel, method) == "unavailable REVOCATION_VIEW_STALE")
      service.context.revocations.apply([], epoch: 0, asOf: time.now)
      #expect(await refusal(channel, method).hasPrefix("accepted"))
      time.advance(seconds: RevocationView.maximumAgeSeconds)
      #expect(await refusal(channel, method).hasPrefix("accepted"))
      time.advance(seconds: 1)
      #expect(await refusal(channel, method) == "unavailable REVOCATION_VIEW_STALE")
      await channel.close()
    }
  }

  @Test func anOpenStreamEndsWhenItsCallerIsRevoked() async throws {
    try await withService { service in
      let caller = try service.authority.caller([.consumer])
      let channel = try service.channel(as: caller)
      let stream: ResponseStream<IdentityV1.GetJwksResponse> = channel.serverStreaming(
        EchoService.watch, IdentityV1.GetJwksRequest())
      var responses = stream.makeAsyncIterator()
      #expect(try await responses.next()?.jwks == "participant/\(caller.participantID)")
      service.context.revocations.apply(
        [
          RevocationEntry(
            epoch: 1, subject: .system(caller.systemID), notBefore: time.now, isBlocked: true)
        ], epoch: 1, asOf: time.now)
      let end = await #expect(throws: RPCStatus.self) { try await responses.next() }
      #expect(end?.details?.reason == "CREDENTIAL_REVOKED")
      await channel.close()
    }
  }

  @Test func anOpenStreamEndsWhenTheServiceShutsDown() async throws {
    try await withService { service in
      let channel = try service.channel(roles: [.consumer])
      let stream: ResponseStream<IdentityV1.GetJwksResponse> = channel.serverStreaming(
        EchoService.watch, IdentityV1.GetJwksRequest())
      var responses = stream.makeAsyncIterator()
      #expect(try await responses.next() != nil)
      service.context.revocations.shutDown()
      let end = await #expect(throws: RPCStatus.self) { try await responses.next() }
      #expect(end?.details?.reason == "SHUTTING_DOWN")
      await channel.close()
    }
  }

  @Test func aCertificateOfAnotherTrustDomainIsUnknown() async throws {
    try await withService { service in
      let authority = service.authority
      let key = try P256PrivateKey.generate()
      let leaf = try authority.issuer.issueLeaf(
        publicKey: PublicKey(key.publicKey), spiffeID: "spiffe://elsewhere/service/catalog",
        notBefore: time.now.adding(seconds: -60), notAfter: time.now.adding(seconds: 3_600))
      let credential = try Credential(
        key: key, chain: [leaf, authority.issuer.certificate], anchors: [authority.root.certificate]
      )
      let channel = try service.channel(credential)
      #expect(
        await refusal(channel, EchoService.forCatalog) == "unauthenticated CERTIFICATE_UNKNOWN")
      await channel.close()
    }
  }

  @Test func healthAnswersEveryHolderOfAValidCertificate() async throws {
    try await withService(isolatedRevocations: true) { service in
      let channel = try service.channel(try service.authority.caller().credential)
      let check = MethodDescriptor(service: "grpc.health.v1.Health", name: "Check", kind: .unary)
      let response: HealthV1.HealthCheckResponse = try await channel.unary(
        check, HealthV1.HealthCheckRequest(service: "ndx.echo.v1.EchoService"))
      #expect(response.status == .serving)
      await channel.close()
    }
  }
}
