import COpenSSL
import Model
import Testing

@testable import RPC

/// What a client may ask for in the handshake, and what it then gets.
@Suite struct NegotiationTests {
  private func end(
    _ settings: [String: String], protocols: [String] = ["h2"]
  ) async throws -> (end: HandshakeEnd, client: HandshakePeer) {
    let server = try await TestServer.start()
    let client = try HandshakePeer(
      server, server.authority.credentials(TestAuthority.clientID), settings: settings,
      protocols: protocols)
    let end = client.end()
    await server.stop()
    return (end, client)
  }

  @Test(
    arguments: [
      (["MaxProtocol": "TLSv1.2"], 70), (["Groups": "X448"], 40), (["Groups": "P-384:P-521"], 40),
      (["Groups": "ffdhe2048"], 40), (["Ciphersuites": "TLS_AES_128_CCM_SHA256"], 40),
      (["SignatureAlgorithms": "rsa_pss_rsae_sha256:ed25519"], 40),
    ] as [([String: String], UInt8)])
  func whatTheDesignDoesNotNameIsRefused(settings: [String: String], alert: UInt8) async throws {
    let outcome = try await end(settings)
    #expect(outcome.end == .alert(alert))
  }

  @Test(arguments: [[], ["http/1.1"], ["h2c", "h3"]])
  func aClientWithoutHTTP2IsRefused(protocols: [String]) async throws {
    let outcome = try await end([:], protocols: protocols)
    #expect(outcome.end == .alert(120))
  }

  @Test(arguments: [
    ("P-256", NID_X9_62_prime256v1), ("X25519", NID_X25519),
    // The client sends a share of the first group only and is asked for another (HelloRetryRequest).
    ("X448:P-256", NID_X9_62_prime256v1), ("P-521:X25519", NID_X25519),
  ])
  func bothGroupsServeAlsoAfterARetry(groups: String, chosen: Int32) async throws {
    let outcome = try await end(["Groups": groups])
    #expect(outcome.end == .connected)
    #expect(outcome.client.group == chosen)
  }

  /// The first is OpenSSL's own order; the others, that of a client without AES in its processor.
  @Test(arguments: [
    ("TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256", "AES_128_GCM"),
    ("TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256", "CHACHA20"),
    ("TLS_AES_256_GCM_SHA384", "AES_256_GCM"),
  ])
  func theServerPrefersTheSuiteThatIsFastForBoth(offered: String, chosen: String) async throws {
    let outcome = try await end(["Ciphersuites": offered])
    #expect(outcome.client.cipherSuite.contains(chosen))
  }

  @Test func keysAreUpdatedWhileCallsRun() async throws {
    try await withEcho { server, _ in
      let client = try HandshakePeer(
        server, server.authority.credentials(TestAuthority.clientID))
      #expect(client.end() == .connected)
      client.send(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0])
      for round: UInt8 in 1...20 {
        client.updateKeys()
        let ping = [0, 0, 8, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, round]
        client.send(ping)
        let answer = [0, 0, 8, 6, 1] + ping.dropFirst(5)
        var received: [UInt8] = []
        while received.count < answer.count || Array(received.suffix(answer.count)) != answer {
          received += try #require(client.read())
        }
      }
    }
  }
}
