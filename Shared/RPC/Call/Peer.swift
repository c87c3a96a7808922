package import Model

/// The other end of a connection, as TLS proved it. Whether the certificate is still good is asked per call.
/// Copies share one object.
package struct Peer: Sendable, Hashable {
  private final class Content: Sendable {
    let certificate: PeerCertificate?
    let address: String

    init(_ certificate: PeerCertificate?, _ address: String) {
      self.certificate = certificate
      self.address = address
    }
  }

  private let content: Content

  package init(certificate: PeerCertificate?, address: String) {
    content = Content(certificate, address)
  }

  /// Nil on a listener that does not ask for client certificates.
  package var certificate: PeerCertificate? { content.certificate }
  /// Numeric address and port, such as `127.0.0.1:51234`.
  package var address: String { content.address }

  package static func == (left: Self, right: Self) -> Bool {
    left.certificate == right.certificate && left.address == right.address
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(certificate)
    hasher.combine(address)
  }
}

/// What a verified peer certificate says.
package struct PeerCertificate: Sendable, Hashable {
  /// The one URI SAN, `spiffe://…`; nil when there is none or more than one.
  package let spiffeID: String?
  /// The same, read once for all calls of the connection; nil when it is no name of an exchange.
  package let name: SPIFFEID?
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
    name = spiffeID.flatMap { SPIFFEID($0) }
    self.serial = serial
    self.fingerprint = fingerprint
    self.notBefore = notBefore
    self.notAfter = notAfter
  }
}
