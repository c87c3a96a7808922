package import Model

/// What one side of mutual TLS needs: its own chain and key, and whom it believes.
package struct TLSCredentials: Sendable {
  /// Whose certificates are accepted.
  package enum Trust: Sendable, Hashable {
    /// Chains that end in one of these certificates (PEM).
    case anchors(pem: String)
    /// Client only: chains that end in the certificate with this SHA-256 fingerprint, which the server must send.
    /// For the first contact, when all one has is the fingerprint. The enrolment listener sends its root.
    case pinnedRoot(fingerprint: Digest)
    /// Client of the public web only: chains that end in one of these certificates (PEM), or of the system's when nil,
    /// for the DNS name or IP address that is called.
    case webRoots(pem: String?)
    /// Server of the web only: clients show no certificates.
    case nobody
  }

  /// A certificate chain, leaf first, and the leaf's key (PEM; PKCS#8).
  package struct Identity: Sendable {
    package let certificateChainPEM: String
    let privateKeyPEM: String

    package init(certificateChainPEM: String, privateKeyPEM: String) {
      self.certificateChainPEM = certificateChainPEM
      self.privateKeyPEM = privateKeyPEM
    }
  }

  /// Nil for a client that has no certificate yet.
  package let identity: Identity?
  package let trust: Trust

  package init(identity: Identity?, trust: Trust) {
    self.identity = identity
    self.trust = trust
  }

  var canServe: Bool {
    guard case .anchors = trust else { return false }
    return identity != nil
  }

  package init(certificateChainPEM: String, privateKeyPEM: String, trustAnchorsPEM: String) {
    self.init(
      identity: Identity(certificateChainPEM: certificateChainPEM, privateKeyPEM: privateKeyPEM),
      trust: .anchors(pem: trustAnchorsPEM))
  }
}
