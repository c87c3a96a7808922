import COpenSSL

/// An Ed25519 private key (RFC 8032), for log checkpoints.
package struct Ed25519PrivateKey: Sendable {
  private let object: OpenSSLObject
  package let publicKey: Ed25519PublicKey

  package static func generate() throws -> Ed25519PrivateKey {
    try Ed25519PrivateKey(object: KeyObject.generate("ED25519"))
  }

  /// From the 32-byte seed. Throws `CryptoError.malformed` for any other length.
  package init(rawRepresentation seed: [UInt8]) throws {
    guard seed.count == 32 else { throw CryptoError.malformed("Ed25519 private key") }
    try self.init(
      object: KeyObject.adopt(
        EVP_PKEY_new_raw_private_key_ex(nil, "ED25519", nil, seed, seed.count),
        "EVP_PKEY_new_raw_private_key_ex"))
  }

  /// Reads unencrypted PKCS#8. Throws `CryptoError` for any other kind of key.
  package init(pem: some StringProtocol) throws {
    try self.init(object: KeyObject.parsePKCS8(pem: pem))
  }

  private init(object: OpenSSLObject) throws {
    guard EVP_PKEY_is_a(object.pointer, "ED25519") == 1 else {
      throw CryptoError.unacceptableKey("not an Ed25519 key")
    }
    self.object = object
    publicKey = try Ed25519PublicKey(
      rawRepresentation: RawKey.bytes { EVP_PKEY_get_raw_public_key(object.pointer, $0, $1) })
  }

  /// The 32-byte seed: a secret.
  package func rawRepresentation() throws -> [UInt8] {
    try RawKey.bytes { EVP_PKEY_get_raw_private_key(object.pointer, $0, $1) }
  }

  /// Unencrypted PKCS#8: write it with `KeyFile` only.
  package func pem() throws -> String { try KeyObject.pkcs8PEM(object) }

  /// A 64-byte signature; the same one every time for the same data.
  package func sign(_ data: some Collection<UInt8>) throws -> [UInt8] {
    try KeyObject.sign(data, with: object, digest: nil)
  }
}

/// An Ed25519 public key, 32 bytes.
package struct Ed25519PublicKey: Sendable, Hashable {
  private let object: OpenSSLObject
  package let rawRepresentation: [UInt8]

  /// Throws `CryptoError.malformed` for any length but 32.
  package init(rawRepresentation bytes: [UInt8]) throws {
    guard bytes.count == 32 else { throw CryptoError.malformed("Ed25519 public key") }
    object = try KeyObject.adopt(
      EVP_PKEY_new_raw_public_key_ex(nil, "ED25519", nil, bytes, bytes.count),
      "EVP_PKEY_new_raw_public_key_ex")
    rawRepresentation = bytes
  }

  package func isValid(signature: [UInt8], for data: some Collection<UInt8>) -> Bool {
    KeyObject.isValid(signature, for: data, with: object, digest: nil)
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.rawRepresentation == right.rawRepresentation
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(rawRepresentation) }
}

private enum RawKey {
  static func bytes(
    _ read: (UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<Int>) -> Int32
  ) throws -> [UInt8] {
    var length = 32
    return try [UInt8](unsafeUninitializedCapacity: length) { output, count in
      try OpenSSLObject.check(read(output.baseAddress, &length), "EVP_PKEY_get_raw_key")
      count = length
    }
  }
}
