import Crypto
import Model
import Testing

@testable import RPC

/// What a server says to certificates that are not good enough, in alerts of RFC 8446, 6.2.
@Suite struct ClientCertificateTests {
  enum Fault: CaseIterable {
    case otherAuthority, selfSigned, expired, notYetValid, serverUsageOnly, authorityAsLeaf
    case authorityThatMaySign, keyThatMayNotSign, shortRSA, signedWithSHA1, signedWithMD5
    case leafAsIssuer, pathTooLong, nameNotPermitted, chainTooLong, edwardsCurve, otherCurve

    /// Those whose key the server has not offered to verify are held back by their own client.
    var alert: UInt8 {
      switch self {
      case .otherAuthority, .selfSigned, .leafAsIssuer, .pathTooLong, .chainTooLong: 48
      case .expired: 45
      case .notYetValid, .shortRSA, .signedWithSHA1, .signedWithMD5: 42
      case .serverUsageOnly, .authorityAsLeaf, .authorityThatMaySign, .keyThatMayNotSign: 43
      case .nameNotPermitted: 46
      case .edwardsCurve, .otherCurve: 116
      }
    }

    func certificate(_ root: TestAuthority) throws -> ForgedCertificate {
      switch self {
      case .otherAuthority: return try ForgedCertificate(by: TestAuthority())
      case .selfSigned: return try ForgedCertificate.selfSigned()
      case .expired: return try ForgedCertificate(by: root) { $0.notAfterSeconds = -2 }
      case .notYetValid: return try ForgedCertificate(by: root) { $0.notBeforeSeconds = 600 }
      case .serverUsageOnly:
        return try ForgedCertificate(by: root) { $0.extendedKeyUsage = "serverAuth" }
      case .authorityAsLeaf:
        return try ForgedCertificate(.authority("an authority", pathLength: 0), by: root)
      case .authorityThatMaySign:
        return try ForgedCertificate(.authority("an authority", pathLength: 0), by: root) {
          $0.keyUsage = "critical,digitalSignature,keyCertSign,cRLSign"
        }
      case .keyThatMayNotSign:
        return try ForgedCertificate(by: root) { $0.keyUsage = "critical,keyEncipherment" }
      case .shortRSA: return try ForgedCertificate(by: root) { $0.key = .rsa(bits: 2048) }
      case .signedWithSHA1: return try ForgedCertificate(by: root) { $0.digest = "SHA1" }
      case .signedWithMD5:
        let issuer = try ForgedCertificate(.authority("with RSA", pathLength: 0), by: root) {
          $0.key = .rsa(bits: 3072)
        }
        return try ForgedCertificate(by: issuer) { $0.digest = "MD5" }
      case .leafAsIssuer: return try ForgedCertificate(by: ForgedCertificate(by: root))
      case .pathTooLong, .chainTooLong:
        var issuer = try ForgedCertificate(.authority("1", pathLength: 0), by: root)
        for level in 2...(self == .pathTooLong ? 2 : 6) {
          issuer = try ForgedCertificate(.authority("\(level)", pathLength: 0), by: issuer)
        }
        return try ForgedCertificate(by: issuer)
      case .nameNotPermitted:
        let issuer = try ForgedCertificate(.authority("constrained", pathLength: 0), by: root) {
          $0.nameConstraints = "critical,permitted;URI:.elsewhere.vn"
        }
        return try ForgedCertificate(by: issuer)
      case .edwardsCurve: return try ForgedCertificate(by: root) { $0.key = .ed25519 }
      case .otherCurve: return try ForgedCertificate(by: root) { $0.key = .curve("P-384") }
      }
    }
  }

  @Test(arguments: Fault.allCases)
  func aCertificateThatIsNotGoodEnoughIsRefusedWithTheRightAlert(fault: Fault) async throws {
    let server = try await TestServer.start()
    let forged = try fault.certificate(server.authority)
    let client = try HandshakePeer(server, forged.credentials(trusting: server.authority))
    #expect(client.end() == .alert(fault.alert))
    #expect(server.tls.handshakes.full == 0)
    await server.stop()
  }

  @Test func noCertificateIsRefused() async throws {
    let server = try await TestServer.start()
    #expect(try HandshakePeer(server, nil).end() == .alert(116))
    await server.stop()
  }

  @Test(arguments: [ForgedCertificate.Content.Key.curve("P-256"), .rsa(bits: 3072)])
  func bothKindsOfKeysThatIdentityCertifiesAreAccepted(
    key: ForgedCertificate.Content.Key
  ) async throws {
    let server = try await TestServer.start()
    let forged = try ForgedCertificate(by: server.authority) { $0.key = key }
    let client = try HandshakePeer(server, forged.credentials(trusting: server.authority))
    #expect(client.end() == .connected)
    await server.stop()
  }

  /// Names are for authentication to judge, with each call: here it sees none.
  @Test(arguments: [
    nil, "DNS:caller.test.ndx.vn", "URI:https://test.ndx.vn/service/caller",
    "URI:spiffe://test.ndx.vn/service/caller,URI:spiffe://test.ndx.vn/service/echo",
  ])
  func aCertificateWithoutTheOneNameGivesItsHolderNone(names: String?) async throws {
    let server = try await TestServer.start()
    let forged = try ForgedCertificate(by: server.authority) { $0.alternativeName = names }
    let channel = try server.channel(forged.credentials(trusting: server.authority))
    let seen = try await channel.echo(EchoMethods.context, Echo())
    #expect(seen.typeURL.hasPrefix("anonymous"))
    await channel.close()
    await server.stop()
  }

  @Test func theCallerLearnsWhyItWasRefused() async throws {
    let server = try await TestServer.start()
    let expired = try ForgedCertificate(by: server.authority) { $0.notAfterSeconds = -2 }
    let channel = try server.channel(expired.credentials(trusting: server.authority))
    let status = await channel.failure(EchoMethods.hang)
    #expect(status?.code == .unavailable)
    #expect(
      status?.message
        == "cannot connect to \(server.target): the other end refused: certificate_expired")
    await channel.close()
    await server.stop()
  }
}
