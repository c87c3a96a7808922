/// A public key on NIST P-256, always as the uncompressed named-curve form of RFC 5480.
package struct P256PublicKey: Sendable, Hashable {
  let object: OpenSSLObject
  /// SubjectPublicKeyInfo in DER, 91 bytes.
  package let subjectPublicKeyInfo: [UInt8]

  /// Coordinates as JSON web keys carry them, 32 bytes each.
  package var x: [UInt8] { Array(subjectPublicKeyInfo[27..<59]) }
  package var y: [UInt8] { Array(subjectPublicKeyInfo[59..<91]) }

  /// Throws `CryptoError` for other curves, compressed points and points that are not on the curve.
  package init(subjectPublicKeyInfo der: some Collection<UInt8>) throws {
    guard Self.isForm(of: der) else {
      throw CryptoError.unacceptableKey("not an uncompressed P-256 key")
    }
    object = try KeyObject.parseSPKI(der)
    subjectPublicKeyInfo = Array(der)
  }

  /// Takes over a key that OpenSSL has parsed, whose form in DER is `der`: parsing again costs more than
  /// checking a signature. Nil for other kinds of keys.
  init?(object: OpenSSLObject, subjectPublicKeyInfo der: [UInt8]) {
    guard Self.isForm(of: der) else { return nil }
    self.object = object
    subjectPublicKeyInfo = der
  }

  private static func isForm(of der: some Collection<UInt8>) -> Bool {
    der.count == prefix.count + 64 && der.starts(with: prefix)
  }

  /// Throws `CryptoError` unless the coordinates name a point on the curve.
  package init(x: [UInt8], y: [UInt8]) throws {
    guard x.count == 32, y.count == 32 else { throw CryptoError.malformed("P-256 coordinates") }
    try self.init(subjectPublicKeyInfo: Self.prefix + x + y)
  }

  /// Whether `signature` (raw r‖s, 64 bytes) is by this key over SHA-256 of `data`.
  package func isValid(signature: [UInt8], for data: some Collection<UInt8>) -> Bool {
    guard let der = ECDSASignature.der(fromRaw: signature) else { return false }
    return KeyObject.isValid(der, for: data, with: object, digest: "SHA256")
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.subjectPublicKeyInfo == right.subjectPublicKeyInfo
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(subjectPublicKeyInfo) }

  /// SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING 04 ‖ … up to the coordinates.
  private static let prefix: [UInt8] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A,
    0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
  ]
}
