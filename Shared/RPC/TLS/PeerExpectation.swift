/// Who the server must be, judged by its verified certificate inside the handshake, before any byte of a call is sent.
package struct PeerExpectation: Sendable, CustomStringConvertible {
  package let description: String
  let accepts: @Sendable (PeerCertificate) -> Bool

  package init(_ description: String, accepts: @escaping @Sendable (PeerCertificate) -> Bool) {
    self.description = description
    self.accepts = accepts
  }

  /// Exactly this SPIFFE id.
  package static func spiffeID(_ id: String) -> Self {
    Self(id) { $0.spiffeID == id }
  }

  /// The service of this name in this trust domain: `spiffe://<trustDomain>/service/<name>`.
  package static func service(_ name: String, trustDomain: String) -> Self {
    spiffeID("spiffe://\(trustDomain)/service/\(name)")
  }

  /// Any SPIFFE id below this one, such as every system of a participant: `spiffe://ndx.vn/participant/<id>/`.
  package static func spiffeID(below prefix: String) -> Self {
    Self("\(prefix)…") { $0.spiffeID?.hasPrefix(prefix) == true }
  }

  /// Any holder of a certificate that the trust anchors vouch for.
  package static let anyTrusted = Self("any trusted peer") { _ in true }
}
