import Client
import ConnectorAPI
import Crypto
import Model
import RPC
import ServiceRuntime
import Stubs
import TestSupport
import Testing

/// Who gets nothing, and when what was given ends.
@Suite struct GrantTests {
  private func reason(
    _ connector: ConnectorUnderTest, as caller: TestCaller? = nil,
    _ change: (inout DeliveryGrant) -> Void = { _ in }
  ) async throws -> String {
    let token = try connector.token(change)
    return await refusal { try await connector.fetch("tinh.csv", grant: token, as: caller) }
  }

  @Test func aGrantIsGoodForItsCertificateAndConsumerOnly() async throws {
    let connector = try await ConnectorUnderTest()
    let thief = try connector.authority.caller([.consumer])
    #expect(try await reason(connector, as: thief) == "PERMISSION_DENIED GRANT_OF_ANOTHER")
    let second = try connector.authority.caller(
      [.consumer], participant: connector.consumer.participantID)
    #expect(try await reason(connector, as: second) == "PERMISSION_DENIED GRANT_OF_ANOTHER")
    let renamed = try await reason(connector) { $0.consumerID = thief.participantID }
    #expect(renamed == "PERMISSION_DENIED GRANT_OF_ANOTHER")
    await connector.shutdown()
  }

  @Test func aGrantForAnotherProviderOrRevisionIsRefused() async throws {
    let connector = try await ConnectorUnderTest()
    let elsewhere = try await reason(connector) { $0.providerID = .make(at: connector.time.now) }
    #expect(elsewhere == "UNAUTHENTICATED GRANT_INVALID")
    let unknown = try await reason(connector) { $0.revisionID = .make(at: connector.time.now) }
    #expect(unknown == "NOT_FOUND REVISION_NOT_SERVED")
    let content = try await reason(connector) { $0.manifestSHA256 = Digest.sha256(of: "other") }
    #expect(content == "NOT_FOUND REVISION_NOT_SERVED")
    await connector.shutdown()
  }

  @Test func anExpiredGrantIsRefused() async throws {
    let connector = try await ConnectorUnderTest()
    let grant = try connector.token()
    connector.time.advance(seconds: 300)
    let reason = await refusal { try await connector.fetch("tinh.csv", grant: grant) }
    #expect(reason == "UNAUTHENTICATED GRANT_EXPIRED")
    await connector.shutdown()
  }

  @Test func whatSettlementDidNotSignIsRefused() async throws {
    let connector = try await ConnectorUnderTest()
    let forged = try connector.grant().signed(by: P256PrivateKey.generate(), keyID: "k1")
    #expect(
      await refusal { try await connector.fetch("tinh.csv", grant: forged) }
        == "UNAUTHENTICATED GRANT_INVALID")
    let accessToken = try connector.authority.token(
      for: connector.consumer, audience: connector.provider.participantID.description)
    #expect(
      await refusal { try await connector.fetch("tinh.csv", grant: accessToken) }
        == "UNAUTHENTICATED GRANT_INVALID")
    let good = try connector.token()
    let tampered = good.dropLast(3) + (good.hasSuffix("AAA") ? "BBB" : "AAA")
    #expect(
      await refusal { try await connector.fetch("tinh.csv", grant: String(tampered)) }
        == "UNAUTHENTICATED GRANT_INVALID")
    await connector.shutdown()
  }

  @Test func aRevokedCertificateEndsAnOpenStream() async throws {
    try await endsAnOpenStream { connector in
      RevocationEntry(
        epoch: 1, subject: .credential(serial: connector.consumer.credential.leaf.serial),
        notBefore: connector.time.now)
    }
  }

  @Test func aSuspendedParticipantsStreamEnds() async throws {
    try await endsAnOpenStream { connector in
      RevocationEntry(
        epoch: 1, subject: .participant(connector.consumer.participantID),
        notBefore: connector.time.now, isBlocked: true)
    }
  }

  private func endsAnOpenStream(
    _ entry: (ConnectorUnderTest) -> RevocationEntry
  ) async throws {
    let large = [UInt8](repeating: 7, count: 9 << 20)
    let connector = try await ConnectorUnderTest(files: ["b.bin": large])
    let request = DeliveryV1.FetchRequest(grant: try connector.token(), path: "b.bin")
    let client = try connector.client()
    var received = 0
    let reason = await refusal {
      for try await chunk in client.fetch(request) {
        if received == 0 {
          connector.context.revocations.apply(
            [entry(connector)], epoch: 1, asOf: connector.time.now)
        }
        received += chunk.data.count
      }
    }
    #expect(reason == "UNAUTHENTICATED CREDENTIAL_REVOKED")
    #expect(received < large.count)
    let later = await refusal { try await connector.fetch("b.bin") }
    #expect(later == "UNAUTHENTICATED CREDENTIAL_REVOKED")
    await connector.shutdown()
  }

  @Test func aGrantThatRunsOutEndsAnOpenStream() async throws {
    let large = [UInt8](repeating: 7, count: 9 << 20)
    let connector = try await ConnectorUnderTest(files: ["b.bin": large])
    let request = DeliveryV1.FetchRequest(grant: try connector.token(), path: "b.bin")
    var received = 0
    let reason = await refusal {
      for try await chunk in try connector.client().fetch(request) {
        if received == 0 { connector.time.advance(seconds: 300) }
        received += chunk.data.count
      }
    }
    #expect(reason == "UNAUTHENTICATED GRANT_EXPIRED")
    #expect(received < large.count)
    await connector.shutdown()
  }

  @Test func grantsAreCheckedOfflineOnceKeysAndManifestAreKnown() async throws {
    let connector = try await ConnectorUnderTest()
    _ = try await connector.fetch("tinh.csv")
    connector.exchange.update { $0.isAway = true }
    #expect(try await !connector.fetch("tinh.csv").isEmpty)
    await connector.shutdown()
    let again = try await ConnectorUnderTest(after: connector)
    again.exchange.update { $0.isAway = true }
    #expect(try await !again.fetch("tinh.csv").isEmpty)
    await again.shutdown()
  }

  @Test func withoutKeysOrManifestTheCallerIsToldToTryAgain() async throws {
    let connector = try await ConnectorUnderTest()
    connector.exchange.update { $0.isAway = true }
    let client = try connector.client()
    let request = DeliveryV1.GetManifestRequest(grant: try connector.token())
    let keys = await refusal { try await client.getManifest(request) }
    #expect(keys == "UNAVAILABLE GRANT_KEYS_UNAVAILABLE")
    await connector.shutdown()
  }
}
