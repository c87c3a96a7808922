import COpenSSL

/// A private key on NIST P-256, for certificates, ES256 tokens and receipts.
package struct P256PrivateKey: Sendable {
  let object: OpenSSLObject
  package let publicKey: P256PublicKey

  package static func generate() throws -> P256PrivateKey {
    try P256PrivateKey(object: KeyObject.generate("EC", group: "P-256"))
  }

  /// Reads unencrypted PKCS#8. Throws `CryptoError` for any other kind of key or curve.
  package init(pem: some StringProtocol) throws {
    try self.init(object: KeyObject.parsePKCS8(pem: pem))
  }

  private init(object: OpenSSLObject) throws {
    guard EVP_PKEY_is_a(object.pointer, "EC") == 1 else {
      throw CryptoError.unacceptableKey("not an elliptic curve key")
    }
    self.object = object
    publicKey = try P256PublicKey(subjectPublicKeyInfo: KeyObject.spki(object))
  }

  /// Unencrypted PKCS#8: write it with `KeyFile` only.
  package func pem() throws -> String { try KeyObject.pkcs8PEM(object) }

  /// ECDSA over SHA-256 as raw r‖s, 64 bytes (RFC 7518 §3.4).
  package func sign(_ data: some Collection<UInt8>) throws -> [UInt8] {
    try ECDSASignature.raw(fromDER: KeyObject.sign(data, with: object, digest: "SHA256"))
  }

  /// The key for OpenSSL calls of other modules; valid inside `body` only and not to be changed.
  package func withUnsafeKey<Result>(
    _ body: (OpaquePointer) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(object) { try body(object.pointer) }
  }
}
