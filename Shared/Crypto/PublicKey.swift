import COpenSSL

/// The public key of a certificate or of a request for one.
package struct PublicKey: Sendable, Hashable {
  package enum Algorithm: Sendable, Hashable {
    case p256
    case rsa(bits: Int)
    case other(String)
  }

  let object: OpenSSLObject
  package let algorithm: Algorithm
  /// SubjectPublicKeyInfo in DER.
  package let subjectPublicKeyInfo: [UInt8]
  /// The key for checking signatures, when it is on P-256.
  package let p256: P256PublicKey?

  package init(_ key: P256PublicKey) {
    object = key.object
    algorithm = .p256
    subjectPublicKeyInfo = key.subjectPublicKeyInfo
    p256 = key
  }

  init(object: OpenSSLObject) throws {
    self.object = object
    subjectPublicKeyInfo = try KeyObject.spki(object)
    p256 = P256PublicKey(object: object, subjectPublicKeyInfo: subjectPublicKeyInfo)
    if p256 != nil {
      algorithm = .p256
    } else if EVP_PKEY_is_a(object.pointer, "RSA") == 1 {
      algorithm = .rsa(bits: Int(EVP_PKEY_get_bits(object.pointer)))
    } else {
      algorithm = .other(
        EVP_PKEY_get0_type_name(object.pointer).map { String(cString: $0) } ?? "unknown")
    }
  }

  /// Throws `CryptoError.unacceptableKey` unless the key is on P-256 or RSA of at least 3072 bits.
  package func requireAcceptable() throws {
    switch algorithm {
    case .p256: return
    case .rsa(let bits) where bits >= 3072: return
    case .rsa(let bits):
      throw CryptoError.unacceptableKey("RSA key of \(bits) bits; at least 3072 are needed")
    case .other(let name):
      throw CryptoError.unacceptableKey("\(name) key; P-256 is needed")
    }
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.subjectPublicKeyInfo == right.subjectPublicKeyInfo
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(subjectPublicKeyInfo) }
}
