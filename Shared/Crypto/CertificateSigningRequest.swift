import COpenSSL

/// A PKCS #10 request (RFC 2986): a public key and the proof that the sender holds its private half.
/// Subject and requested extensions are ignored: an authority decides names by itself.
package struct CertificateSigningRequest: Sendable {
  package let der: [UInt8]
  package let publicKey: PublicKey

  /// Makes a request for `key`, signed by it.
  package init(key: P256PrivateKey) throws {
    let request = try OpenSSLObject(X509_REQ_new(), "X509_REQ_new") { X509_REQ_free($0) }
    try OpenSSLObject.check(X509_REQ_set_version(request.pointer, 0), "X509_REQ_set_version")
    try OpenSSLObject.check(
      X509_REQ_set_pubkey(request.pointer, key.object.pointer), "X509_REQ_set_pubkey")
    guard X509_REQ_sign(request.pointer, key.object.pointer, EVP_sha256()) > 0 else {
      throw OpenSSLObject.failure(of: "X509_REQ_sign")
    }
    der = try OpenSSLObject.der("i2d_X509_REQ") { i2d_X509_REQ(request.pointer, $0) }
    publicKey = PublicKey(key.publicKey)
  }

  /// Parses and verifies. Throws `malformed`, `unacceptableKey` (RSA under 3072 bits, other kinds than
  /// P-256 and RSA) or `invalidSignature`.
  package init(der: [UInt8]) throws {
    let request = try OpenSSLObject.parse(
      der, as: "certificate signing request", release: { X509_REQ_free($0) },
      { d2i_X509_REQ(nil, $0, $1) })
    guard let key = X509_REQ_get_pubkey(request.pointer) else {
      ERR_clear_error()
      throw CryptoError.malformed("certificate signing request")
    }
    publicKey = try PublicKey(object: KeyObject.adopt(key, "X509_REQ_get_pubkey"))
    try publicKey.requireAcceptable()
    guard X509_REQ_verify(request.pointer, publicKey.object.pointer) == 1 else {
      ERR_clear_error()
      throw CryptoError.invalidSignature
    }
    self.der = der
  }

  package init(pem: some StringProtocol) throws {
    try self.init(der: PEMBlock.only("CERTIFICATE REQUEST", in: pem))
  }

  package var pem: String { PEMBlock(label: "CERTIFICATE REQUEST", der: der).text }
}
