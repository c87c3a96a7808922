import Crypto
import Model
import Testing

@testable import RPC

/// Our client and servers that are not the one it means to reach.
@Suite struct WrongServerTests {
  enum Fault: CaseIterable {
    case otherAuthority, expired, notYetValid, clientUsageOnly, authorityAsLeaf, otherName, noName
    case twoNames, shortRSA, olderVersion, otherProtocol

    var end: HandshakeEnd {
      switch self {
      case .otherAuthority: .alert(48)
      case .expired: .alert(45)
      case .clientUsageOnly, .authorityAsLeaf: .alert(43)
      case .notYetValid, .otherName, .noName, .twoNames, .shortRSA: .alert(42)
      // The one refuses by itself; after the other's handshake TLS has nothing left to say.
      case .olderVersion, .otherProtocol: .closed
      }
    }

    var reason: String {
      switch self {
      case .otherAuthority: "the peer's certificate is not acceptable: unable to get local issuer"
      case .expired: "the peer's certificate is not acceptable: certificate has expired"
      case .notYetValid: "the peer's certificate is not acceptable: certificate is not yet valid"
      case .clientUsageOnly, .authorityAsLeaf:
        "the peer's certificate is not acceptable: unsuitable certificate purpose"
      case .shortRSA: "the peer's certificate is not acceptable: EE certificate key too weak"
      case .otherName, .noName, .twoNames: "the server is not \(TestAuthority.serverID)"
      case .olderVersion: "the other end refused: protocol_version"
      case .otherProtocol: "the peer does not speak HTTP/2"
      }
    }

    func certificate(_ root: TestAuthority) throws -> ForgedCertificate {
      let issuer = self == .otherAuthority ? try TestAuthority() : root
      if self == .authorityAsLeaf {
        return try ForgedCertificate(.authority("an authority", pathLength: 0), by: issuer)
      }
      return try ForgedCertificate(by: issuer) { content in
        let name = "URI:\(TestAuthority.serverID)"
        content.alternativeName = name
        switch self {
        case .expired: content.notAfterSeconds = -2
        case .notYetValid: content.notBeforeSeconds = 600
        case .clientUsageOnly: content.extendedKeyUsage = "clientAuth"
        case .otherName: content.alternativeName = "URI:\(TestAuthority.serverID)s"
        case .noName: content.alternativeName = "DNS:localhost,IP:127.0.0.1"
        case .twoNames: content.alternativeName = "\(name),URI:\(TestAuthority.clientID)"
        case .shortRSA: content.key = .rsa(bits: 2048)
        case .otherAuthority, .authorityAsLeaf, .olderVersion, .otherProtocol: break
        }
      }
    }

    var settings: [String: String] { self == .olderVersion ? ["MaxProtocol": "TLSv1.2"] : [:] }
    var protocols: [String] { self == .otherProtocol ? [] : ["h2"] }
  }

  private func channel(
    to server: RecordingServer, _ authority: TestAuthority
  ) throws -> RPCChannel {
    var configuration = RPCChannelConfiguration()
    configuration.maximumAttempts = 1
    return RPCChannel(
      target: "127.0.0.1:\(server.port)",
      tls: try TLSContextStore(authority.credentials(TestAuthority.clientID)),
      expecting: .spiffeID(TestAuthority.serverID), configuration: configuration)
  }

  @Test(arguments: Fault.allCases)
  func aWrongServerLearnsNeitherTheClientsCertificateNorACall(fault: Fault) async throws {
    let authority = try TestAuthority()
    let server = try RecordingServer(
      fault.certificate(authority).credentials(trusting: authority), settings: fault.settings,
      protocols: fault.protocols)
    let channel = try channel(to: server, authority)
    let status = await channel.failure(EchoMethods.hang)
    let record = try #require(await server.record())
    #expect(record.end == fault.end)
    #expect(!record.hasClientCertificate)
    #expect(record.received.isEmpty)
    #expect(status?.code == .unavailable)
    let message = status?.message ?? ""
    #expect(message.hasPrefix("cannot connect to 127.0.0.1:\(server.port): "))
    #expect(message.contains(fault.reason))
    await channel.close()
  }

  /// So that the absence in the test above means something.
  @Test func theRightServerLearnsBoth() async throws {
    let authority = try TestAuthority()
    let certificate = try ForgedCertificate(by: authority) {
      $0.alternativeName = "URI:\(TestAuthority.serverID)"
    }
    let server = try RecordingServer(certificate.credentials(trusting: authority))
    let channel = try channel(to: server, authority)
    async let status = channel.failure(EchoMethods.hang)
    let record = try #require(await server.record())
    #expect(await status?.code == .unavailable)
    await channel.close()
    #expect(record.hasClientCertificate)
    #expect(record.received.starts(with: Array("PRI * HTTP/2.0".utf8)))
  }
}
