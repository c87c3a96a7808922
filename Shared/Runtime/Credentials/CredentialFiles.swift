package import Crypto
import Foundation
import Model
package import RPC

/// The files in the data directory that hold the service's credentials:
/// `credential.pem` (key and certificate chain, 0600, replaced as a whole), `trust.pem` (the roots)
/// and, while enrolling, `pending-key.pem`.
package struct CredentialFiles: Sendable {
  private let directory: String

  package init(directory: String) { self.directory = directory }

  private var credential: String { directory + "/credential.pem" }
  private var trust: String { directory + "/trust.pem" }
  private var pendingKey: String { directory + "/pending-key.pem" }

  /// What is stored; nil when there is nothing yet.
  /// - Throws: a line about a file that is damaged, or open to others.
  package func load() throws(StartupError) -> Credential? {
    guard access(credential, F_OK) == 0, access(trust, F_OK) == 0 else { return nil }
    do {
      let text = try KeyFile.readText(credential)
      let anchors = try Certificate.all(inPEM: try KeyFile.readText(trust))
      guard let key = try PEMBlock.all(in: text).first(where: { $0.label == "PRIVATE KEY" }),
        !anchors.isEmpty
      else { throw CryptoError.malformed("credential") }
      return try Credential(
        key: P256PrivateKey(pem: key.text), chain: Certificate.all(inPEM: text), anchors: anchors)
    } catch CryptoError.keyFile(let path, let problem) {
      throw StartupError(.insecureFile, "\(path) \(problem)")
    } catch {
      throw StartupError(.badData, "\(credential) or \(trust) is damaged: \(error)")
    }
  }

  /// Which files there are now: it changes whenever one is written or replaced.
  struct Version: Equatable {
    fileprivate let files: [[Int]]
  }

  /// Nil while one is missing.
  var version: Version? {
    var files: [[Int]] = []
    for path in [credential, trust] {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      files.append([
        Int(status.st_ino), Int(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
        Int(status.st_mode),
      ])
    }
    return Version(files: files)
  }

  func store(_ value: Credential) throws(StartupError) {
    do {
      try KeyFile.write(value.anchors.map(\.pem).joined(), to: trust)
      try KeyFile.write(try value.key.pem() + value.chainPEM, to: credential)
      unlink(pendingKey)
    } catch {
      throw StartupError(.cannotWrite, "cannot store the credential in \(directory): \(error)")
    }
  }

  /// The key that an enrolment under way was begun with, or a new one. It is kept until the
  /// certificate is stored, so that a crash in between can be made good with the same token.
  func enrolmentKey() throws(StartupError) -> P256PrivateKey {
    do {
      if access(pendingKey, F_OK) == 0 {
        return try P256PrivateKey(pem: KeyFile.readText(pendingKey))
      }
      let key = try P256PrivateKey.generate()
      try KeyFile.write(try key.pem(), to: pendingKey)
      return key
    } catch CryptoError.keyFile(let path, let problem) {
      throw StartupError(.insecureFile, "\(path) \(problem)")
    } catch {
      throw StartupError(.cannotWrite, "cannot make a key in \(directory): \(error)")
    }
  }
}

/// A service's key, certificate and the roots it trusts.
package struct Credential: Sendable {
  package let key: P256PrivateKey
  /// Leaf first, without the root. Never empty.
  package let chain: [Certificate]
  package let anchors: [Certificate]
  package var leaf: Certificate { chain[0] }

  /// Throws `CryptoError` when the key does not belong to the leaf.
  package init(key: P256PrivateKey, chain: [Certificate], anchors: [Certificate]) throws {
    guard let leaf = chain.first, leaf.publicKey.p256 == key.publicKey else {
      throw CryptoError.unacceptableKey("the key does not belong to the certificate")
    }
    self.key = key
    self.chain = chain
    self.anchors = anchors
  }

  var chainPEM: String { chain.map(\.pem).joined() }

  /// What TLS needs.
  package func tls() throws -> TLSCredentials {
    TLSCredentials(
      certificateChainPEM: chainPEM, privateKeyPEM: try key.pem(),
      trustAnchorsPEM: anchors.map(\.pem).joined())
  }

  /// Whether it can serve now: the leaf has an expected name, is valid for another minute, and chains
  /// to a root.
  func isUsable(at now: Timestamp, as isExpected: (SPIFFEID) -> Bool) -> Bool {
    guard let id = leaf.spiffeID.flatMap({ SPIFFEID($0) }), isExpected(id),
      now.adding(seconds: 60) <= leaf.notAfter
    else {
      return false
    }
    // A service is both ends of TLS.
    return [CertificateChain.Purpose.client, .server].allSatisfy { purpose in
      let verified: ()? = try? CertificateChain.verify(
        leaf, intermediates: Array(chain.dropFirst()), anchors: anchors, at: now, for: purpose)
      return verified != nil
    }
  }
}
