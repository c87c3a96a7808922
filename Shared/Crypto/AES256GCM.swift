import COpenSSL

/// AES-256 in Galois/Counter Mode (NIST SP 800-38D).
package struct AES256GCM: Sendable {
  private static let nonceBytes = 12
  private static let tagBytes = 16
  private let key: [UInt8]

  /// Throws `CryptoError.unacceptableKey` unless the key has 32 bytes.
  package init(key: [UInt8]) throws {
    guard key.count == 32 else { throw CryptoError.unacceptableKey("AES-256 needs 32 bytes") }
    self.key = key
  }

  /// Random nonce ‖ ciphertext ‖ tag: 28 bytes longer than the plaintext. A key serves 2³² messages.
  package func seal(
    _ plaintext: [UInt8], authenticating context: [UInt8] = []
  ) throws -> [UInt8] {
    try seal(plaintext, authenticating: context, nonce: Random.bytes(Self.nonceBytes))
  }

  /// For known-answer tests: a nonce used twice under one key gives both messages away.
  package func seal(
    _ plaintext: [UInt8], authenticating context: [UInt8], nonce: [UInt8]
  ) throws -> [UInt8] {
    guard nonce.count == Self.nonceBytes else { throw CryptoError.malformed("nonce") }
    let cipher = try start(nonce: nonce, encrypting: true)
    return try [UInt8](
      unsafeUninitializedCapacity: nonce.count + plaintext.count + Self.tagBytes
    ) { buffer, count in
      let end = buffer.update(fromContentsOf: nonce) + plaintext.count
      let tag = buffer.baseAddress.map { $0 + end }
      var written: Int32 = 0
      try add(context, to: cipher)
      try OpenSSLObject.check(
        EVP_CipherUpdate(
          cipher.pointer, buffer.baseAddress.map { $0 + nonce.count }, &written, plaintext,
          Int32(plaintext.count)), "EVP_CipherUpdate")
      try OpenSSLObject.check(
        EVP_CipherFinal_ex(cipher.pointer, tag, &written), "EVP_CipherFinal_ex")
      try OpenSSLObject.check(
        EVP_CIPHER_CTX_ctrl(cipher.pointer, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagBytes), tag),
        "EVP_CTRL_AEAD_GET_TAG")
      count = end + Self.tagBytes
    }
  }

  /// Throws `CryptoError.invalidSignature` when a byte of the message, the context or the key differs.
  package func open(
    _ message: [UInt8], authenticating context: [UInt8] = []
  ) throws -> [UInt8] {
    let textEnd = message.count - Self.tagBytes
    guard textEnd >= Self.nonceBytes else { throw CryptoError.malformed("sealed message") }
    let cipher = try start(nonce: Array(message[..<Self.nonceBytes]), encrypting: false)
    let ciphertext = Array(message[Self.nonceBytes..<textEnd])
    var tag = Array(message[textEnd...])
    try add(context, to: cipher)
    var plaintext = try [UInt8](unsafeUninitializedCapacity: ciphertext.count) { buffer, count in
      var written: Int32 = 0
      try OpenSSLObject.check(
        EVP_CipherUpdate(
          cipher.pointer, buffer.baseAddress, &written, ciphertext, Int32(ciphertext.count)),
        "EVP_CipherUpdate")
      count = Int(written)
    }
    try OpenSSLObject.check(
      EVP_CIPHER_CTX_ctrl(cipher.pointer, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag),
      "EVP_CTRL_AEAD_SET_TAG")
    var rest: Int32 = 0
    guard EVP_CipherFinal_ex(cipher.pointer, &tag, &rest) == 1 else {
      wipe(&plaintext)
      ERR_clear_error()
      throw CryptoError.invalidSignature
    }
    return plaintext
  }

  private func start(nonce: [UInt8], encrypting: Bool) throws -> OpenSSLObject {
    let cipher = try OpenSSLObject(EVP_CIPHER_CTX_new(), "EVP_CIPHER_CTX_new") {
      EVP_CIPHER_CTX_free($0)
    }
    try OpenSSLObject.check(
      EVP_CipherInit_ex2(
        cipher.pointer, Self.algorithm.pointer, key, nonce, encrypting ? 1 : 0, nil),
      "EVP_CipherInit_ex2")
    return cipher
  }

  /// Fetched once: a fetch per message costs more than sealing a short one.
  private static let algorithm: OpenSSLObject = {
    do {
      return try OpenSSLObject(EVP_CIPHER_fetch(nil, "AES-256-GCM", nil), "EVP_CIPHER_fetch") {
        EVP_CIPHER_free($0)
      }
    } catch {
      preconditionFailure("OpenSSL offers no AES-256-GCM: \(error)")
    }
  }()

  private func add(_ context: [UInt8], to cipher: OpenSSLObject) throws {
    guard !context.isEmpty else { return }
    var written: Int32 = 0
    try OpenSSLObject.check(
      EVP_CipherUpdate(cipher.pointer, nil, &written, context, Int32(context.count)),
      "EVP_CipherUpdate")
  }
}
