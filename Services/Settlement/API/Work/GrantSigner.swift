import Crypto
import Foundation
import ServiceRuntime

/// Signs grants. The key is made at the first start and kept in a file that only settlement reads;
/// connectors check grants with the published half.
struct GrantSigner: Sendable {
  /// Life of a grant.
  let lifetimeSeconds: Int64
  private let key: P256PrivateKey

  /// - Parameter hasSigned: whether grants have been issued: then the key must be there.
  /// - Throws: one line when the file is missing, damaged, open to others or cannot be written.
  init(path: String, lifetimeSeconds: Int64, hasSigned: Bool) throws(StartupError) {
    self.lifetimeSeconds = lifetimeSeconds
    guard !hasSigned || FileManager.default.fileExists(atPath: path) else {
      throw StartupError(
        .missingInput, "\(path) is missing: grants were signed with the key in that file")
    }
    do {
      if !FileManager.default.fileExists(atPath: path) {
        let made = try P256PrivateKey.generate()
        try KeyFile.write(try made.pem(), to: path)
      }
      key = try P256PrivateKey(pem: try KeyFile.readText(path))
    } catch CryptoError.keyFile(let path, let problem) {
      throw StartupError(.insecureFile, "\(path) \(problem)")
    } catch {
      throw StartupError(.badData, "\(path) does not hold a P-256 key")
    }
  }

  private var keyID: String { key.publicKey.thumbprint }

  /// The published half, as JSON.
  var keySet: String { JSONWebKeySet(keys: [keyID: key.publicKey]).text }

  func sign(_ grant: DeliveryGrant) throws -> String {
    try grant.signed(by: key, keyID: keyID)
  }
}
