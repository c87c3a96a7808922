import Crypto
import Model
import RPC

/// A throw-away root that issues certificates for tests.
struct TestAuthority {
  let root: CertificateAuthority
  static let trustDomain = "test.ndx.vn"
  static let serverID = "spiffe://test.ndx.vn/service/echo"
  static let clientID = "spiffe://test.ndx.vn/service/caller"

  init() throws {
    let now = WallClock.system.now()
    root = try CertificateAuthority.makeRoot(
      name: "test root", notBefore: now.adding(seconds: -3600), notAfter: now.adding(seconds: 86400)
    )
  }

  /// Credentials with a fresh key. `trusting` replaces this authority as the trust anchor.
  func credentials(
    _ spiffeID: String, validSeconds: Int64 = 3600, trusting other: TestAuthority? = nil
  ) throws -> TLSCredentials {
    let now = WallClock.system.now()
    let key = try P256PrivateKey.generate()
    let leaf = try root.issueLeaf(
      publicKey: PublicKey(key.publicKey), spiffeID: spiffeID, hosts: ["127.0.0.1"],
      notBefore: now.adding(seconds: -1800), notAfter: now.adding(seconds: validSeconds))
    return TLSCredentials(
      certificateChainPEM: leaf.pem, privateKeyPEM: try key.pem(),
      trustAnchorsPEM: (other ?? self).root.certificate.pem)
  }
}
