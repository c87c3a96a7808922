import Crypto
import Foundation
import Model
import RPC

/// A throw-away authority and the folder in which Python finds a certificate of it.
struct InteropAuthority {
  static let callerID = "spiffe://test.ndx/service/caller"
  static let serverID = "spiffe://test.ndx/service/echo"
  let root: CertificateAuthority

  init() throws {
    let now = WallClock.system.now()
    root = try CertificateAuthority.makeRoot(
      name: "interop", notBefore: now.adding(seconds: -60), notAfter: now.adding(seconds: 3600))
  }

  func credentials(_ spiffeID: String) throws -> TLSCredentials {
    let (chain, key) = try issue(spiffeID)
    return TLSCredentials(
      certificateChainPEM: chain, privateKeyPEM: key, trustAnchorsPEM: root.certificate.pem)
  }

  /// Writes ca.pem, cert.pem and key.pem into a new folder.
  func folder(_ spiffeID: String) throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let (chain, key) = try issue(spiffeID)
    for (name, text) in [("ca", root.certificate.pem), ("cert", chain), ("key", key)] {
      try Data(text.utf8).write(to: folder.appending(path: "\(name).pem"))
    }
    return folder
  }

  private func issue(_ spiffeID: String) throws -> (chain: String, key: String) {
    let now = WallClock.system.now()
    let key = try P256PrivateKey.generate()
    let leaf = try root.issueLeaf(
      publicKey: PublicKey(key.publicKey), spiffeID: spiffeID, hosts: ["localhost", "127.0.0.1"],
      notBefore: now.adding(seconds: -60), notAfter: now.adding(seconds: 3600))
    return (leaf.pem, try key.pem())
  }
}
