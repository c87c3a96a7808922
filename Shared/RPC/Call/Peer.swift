package import Model

/// The other end of a connection, as TLS proved it. Whether the certificate is still good is asked per call.
package struct Peer: Sendable, Hashable {
  /// Nil on a listener that does not ask for client certificates.
  package let certificate: PeerCertificate?
  /// Numeric address and port, such as `127.0.0.1:51234`.
  package let address: String

  package init(certificate: PeerCertificate?, address: String) {
    self.certificate = certificate
    self.address = address
  }
}

/// What a verified peer certificate says.
package struct PeerCertificate: Sendable, Hashable {
  /// The one URI SAN, `spiffe://…`; nil when there is none or more than one.
  package let spiffeID: String?
  /// Serial number in lower-case hexadecimal.
  package let serial: String
  /// SHA-256 of the DER encoding.
  package let fingerprint: Digest
  /// When it was issued, as revocation cut-offs see it.
  package let notBefore: Timestamp
  package let notAfter: Timestamp

  package init(
    spiffeID: String?, serial: String, fingerprint: Digest, notBefore: Timestamp,
    notAfter: Timestamp
  ) {
    self.spiffeID = spiffeID
    self.serial = serial
    self.fingerprint = fingerprint
    self.notBefore = notBefore
    self.notAfter = notAfter
  }
}
