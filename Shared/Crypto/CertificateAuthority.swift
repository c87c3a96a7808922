package import Model

/// A certificate authority: its certificate and the key that signs.
package struct CertificateAuthority: Sendable {
  package let certificate: Certificate
  package let key: P256PrivateKey

  /// Throws `CryptoError.unacceptableKey` unless the key belongs to the certificate of an authority.
  package init(certificate: Certificate, key: P256PrivateKey) throws {
    guard certificate.isCertificateAuthority else {
      throw CryptoError.unacceptableKey("the certificate is not an authority's")
    }
    guard certificate.publicKey.p256 == key.publicKey else {
      throw CryptoError.unacceptableKey("the key does not belong to the certificate")
    }
    self.certificate = certificate
    self.key = key
  }

  /// A self-signed root with a fresh key, under which one level of issuing authorities may stand.
  package static func makeRoot(
    name: String, notBefore: Timestamp, notAfter: Timestamp
  ) throws -> CertificateAuthority {
    let key = try P256PrivateKey.generate()
    let certificate = try CertificateBuilder(
      subject: name, publicKey: PublicKey(key.publicKey), notBefore: notBefore,
      notAfter: notAfter, profile: .authority(pathLength: 1)
    ).signed(by: nil, key: key)
    return try CertificateAuthority(certificate: certificate, key: key)
  }

  /// An issuing authority with a fresh key, which signs leaves only. It never outlives this one.
  package func makeIntermediate(
    name: String, notBefore: Timestamp, notAfter: Timestamp
  ) throws -> CertificateAuthority {
    let key = try P256PrivateKey.generate()
    let certificate = try CertificateBuilder(
      subject: name, publicKey: PublicKey(key.publicKey), notBefore: notBefore,
      notAfter: min(notAfter, self.certificate.notAfter), profile: .authority(pathLength: 0)
    ).signed(by: self.certificate, key: self.key)
    return try CertificateAuthority(certificate: certificate, key: key)
  }

  /// A certificate for both ends of TLS, named by `spiffeID` and by `hosts` (DNS names or addresses).
  /// It never outlives the authority. Throws for weak keys and malformed hosts.
  package func issueLeaf(
    publicKey: PublicKey, spiffeID: String, hosts: [String] = [], notBefore: Timestamp,
    notAfter: Timestamp
  ) throws -> Certificate {
    try publicKey.requireAcceptable()
    return try CertificateBuilder(
      subject: nil, publicKey: publicKey, notBefore: notBefore,
      notAfter: min(notAfter, certificate.notAfter),
      profile: .leaf(SubjectAlternativeName(uri: spiffeID, hosts: hosts))
    ).signed(by: certificate, key: key)
  }
}
