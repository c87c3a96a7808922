import COpenSSL

/// What our key types share: making, reading and writing OpenSSL's `EVP_PKEY`.
enum KeyObject {
  static func adopt(_ pointer: OpaquePointer?, _ operation: String) throws -> OpenSSLObject {
    try OpenSSLObject(pointer, operation) { EVP_PKEY_free($0) }
  }

  static func generate(_ algorithm: String, group: String? = nil) throws -> OpenSSLObject {
    let context = try OpenSSLObject(
      EVP_PKEY_CTX_new_from_name(nil, algorithm, nil), "EVP_PKEY_CTX_new_from_name"
    ) { EVP_PKEY_CTX_free($0) }
    try OpenSSLObject.check(EVP_PKEY_keygen_init(context.pointer), "EVP_PKEY_keygen_init")
    if let group {
      try OpenSSLObject.check(
        EVP_PKEY_CTX_set_group_name(context.pointer, group), "EVP_PKEY_CTX_set_group_name")
    }
    var key: OpaquePointer?
    try OpenSSLObject.check(EVP_PKEY_generate(context.pointer, &key), "EVP_PKEY_generate")
    return try adopt(key, "EVP_PKEY_generate")
  }

  /// PKCS#8 (RFC 5958), unencrypted: for files that `KeyFile` guards.
  static func pkcs8(_ key: OpenSSLObject) throws -> [UInt8] {
    let info = try OpenSSLObject(EVP_PKEY2PKCS8(key.pointer), "EVP_PKEY2PKCS8") {
      PKCS8_PRIV_KEY_INFO_free($0)
    }
    return try OpenSSLObject.der("i2d_PKCS8_PRIV_KEY_INFO") {
      i2d_PKCS8_PRIV_KEY_INFO(info.pointer, $0)
    }
  }

  static func pkcs8PEM(_ key: OpenSSLObject) throws -> String {
    var der = try pkcs8(key)
    defer { wipe(&der) }
    return PEMBlock(label: "PRIVATE KEY", der: der).text
  }

  static func parsePKCS8(pem: some StringProtocol) throws -> OpenSSLObject {
    var der = try PEMBlock.only("PRIVATE KEY", in: pem)
    defer { wipe(&der) }
    let info = try OpenSSLObject.parse(
      der, as: "private key", release: { PKCS8_PRIV_KEY_INFO_free($0) },
      { d2i_PKCS8_PRIV_KEY_INFO(nil, $0, $1) })
    guard let key = EVP_PKCS82PKEY(info.pointer) else {
      ERR_clear_error()
      throw CryptoError.malformed("private key")
    }
    return try adopt(key, "EVP_PKCS82PKEY")
  }

  static func parseSPKI(_ der: some Collection<UInt8>) throws -> OpenSSLObject {
    try OpenSSLObject.parse(
      der, as: "public key", release: { EVP_PKEY_free($0) }, { d2i_PUBKEY(nil, $0, $1) })
  }

  static func spki(_ key: OpenSSLObject) throws -> [UInt8] {
    try OpenSSLObject.der("i2d_PUBKEY") { i2d_PUBKEY(key.pointer, $0) }
  }

  /// Signs in one step; `digest` is nil for algorithms that hash by themselves.
  static func sign(
    _ data: some Collection<UInt8>, with key: OpenSSLObject, digest: String?
  ) throws -> [UInt8] {
    let context = try OpenSSLObject(EVP_MD_CTX_new(), "EVP_MD_CTX_new") { EVP_MD_CTX_free($0) }
    try OpenSSLObject.check(
      EVP_DigestSignInit_ex(context.pointer, nil, digest, nil, nil, key.pointer, nil),
      "EVP_DigestSignInit_ex")
    return try withBytes(of: data) { input in
      var length = 256
      return try [UInt8](unsafeUninitializedCapacity: length) { output, count in
        try OpenSSLObject.check(
          EVP_DigestSign(
            context.pointer, output.baseAddress, &length, input.baseAddress, input.count),
          "EVP_DigestSign")
        count = length
      }
    }
  }

  /// False for a signature that does not match or is not even well formed.
  static func isValid(
    _ signature: [UInt8], for data: some Collection<UInt8>, with key: OpenSSLObject,
    digest: String?
  ) -> Bool {
    guard
      let context = try? OpenSSLObject(
        EVP_MD_CTX_new(), "EVP_MD_CTX_new", release: { EVP_MD_CTX_free($0) }),
      EVP_DigestVerifyInit_ex(context.pointer, nil, digest, nil, nil, key.pointer, nil) == 1
    else {
      ERR_clear_error()
      return false
    }
    let result = withBytes(of: data) {
      EVP_DigestVerify(
        context.pointer, signature, signature.count, $0.baseAddress, $0.count)
    }
    ERR_clear_error()
    return result == 1
  }
}
