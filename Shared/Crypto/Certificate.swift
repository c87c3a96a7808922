import COpenSSL
package import Model

/// An X.509 certificate, parsed once. Holding one says nothing about trust: see `CertificateChain`.
package struct Certificate: Sendable, Hashable {
  let object: OpenSSLObject
  package let der: [UInt8]
  /// SHA-256 of the DER.
  package let fingerprint: Digest
  /// Serial number in lower-case hexadecimal, two digits per byte.
  package let serial: String
  package let notBefore: Timestamp
  package let notAfter: Timestamp
  package let publicKey: PublicKey
  package let isCertificateAuthority: Bool
  /// The one URI name, when it is a SPIFFE ID; nil when there are several URIs.
  package let spiffeID: String?
  package let dnsNames: [String]
  /// Addresses in network order: 4 or 16 bytes each.
  package let addresses: [[UInt8]]

  /// Throws `CryptoError.malformed` unless `der` is exactly one certificate.
  package init(der: [UInt8]) throws {
    try self.init(
      object: OpenSSLObject.parse(
        der, as: "certificate", release: { X509_free($0) }, { d2i_X509(nil, $0, $1) }))
  }

  /// Throws `CryptoError.malformed` unless the text holds exactly one certificate.
  package init(pem: some StringProtocol) throws {
    try self.init(der: PEMBlock.only("CERTIFICATE", in: pem))
  }

  /// All certificates of a PEM text, in order.
  package static func all(inPEM text: some StringProtocol) throws -> [Certificate] {
    try PEMBlock.all(in: text).filter { $0.label == "CERTIFICATE" }.map {
      try Certificate(der: $0.der)
    }
  }

  /// Copies the certificate that an OpenSSL object holds, such as a TLS session's peer.
  package init(copying certificate: OpaquePointer) throws {
    try self.init(der: OpenSSLObject.der("i2d_X509") { i2d_X509(certificate, $0) })
  }

  init(object: OpenSSLObject) throws {
    let certificate = object.pointer
    let summary = try Summary(reading: certificate)
    self.object = object
    der = summary.der
    fingerprint = summary.fingerprint
    serial = summary.serial
    notBefore = summary.notBefore
    notAfter = summary.notAfter
    publicKey = try PublicKey(
      object: KeyObject.adopt(X509_get_pubkey(certificate), "X509_get_pubkey"))
    isCertificateAuthority = X509_check_ca(certificate) == 1
    spiffeID = summary.spiffeID
    dnsNames = summary.names.dnsNames
    addresses = summary.names.addresses
  }

  package var pem: String { PEMBlock(label: "CERTIFICATE", der: der).text }

  /// Whether `time` lies within the validity, both ends included.
  package func isValid(at time: Timestamp) -> Bool { notBefore <= time && time <= notAfter }

  /// The certificate for OpenSSL calls of other modules; valid inside `body` only, not to be changed.
  package func withUnsafeCertificate<Result>(
    _ body: (OpaquePointer) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(object) { try body(object.pointer) }
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.fingerprint == right.fingerprint
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(fingerprint) }
}

extension Certificate {
  /// What names a certificate and its holder. It is had without parsing the certificate or its key, which OpenSSL takes
  /// about as long for as for checking a signature.
  package struct Summary {
    let der: [UInt8]
    let names: SubjectAlternativeName
    package let fingerprint: Digest
    package let serial: String
    package let notBefore: Timestamp
    package let notAfter: Timestamp
    package let spiffeID: String?

    /// Reads OpenSSL's object, such as a TLS session's peer.
    package init(reading certificate: OpaquePointer) throws {
      der = try OpenSSLObject.der("i2d_X509") { i2d_X509(certificate, $0) }
      fingerprint = Digest.sha256(of: der)
      guard let number = X509_get0_serialNumber(certificate) else {
        throw CryptoError.malformed("certificate serial number")
      }
      serial = Hex.encode(ASN1.bytes(number))
      notBefore = try ASN1.timestamp(X509_get0_notBefore(certificate))
      notAfter = try ASN1.timestamp(X509_get0_notAfter(certificate))
      names = try SubjectAlternativeName(certificate: certificate)
      spiffeID =
        names.uris.count == 1 && names.uris[0].hasPrefix("spiffe://") ? names.uris[0] : nil
    }
  }
}
