import COpenSSL

/// The two forms of a P-256 signature: DER as OpenSSL and X.509 write it, raw r‖s as JOSE does.
enum ECDSASignature {
  static func raw(fromDER der: [UInt8]) throws -> [UInt8] {
    let parsed = try OpenSSLObject.parse(
      der, as: "ECDSA signature", release: { ECDSA_SIG_free($0) }, { d2i_ECDSA_SIG(nil, $0, $1) })
    return try [UInt8](unsafeUninitializedCapacity: 64) { output, count in
      guard let start = output.baseAddress,
        BN_bn2binpad(ECDSA_SIG_get0_r(parsed.pointer), start, 32) == 32,
        BN_bn2binpad(ECDSA_SIG_get0_s(parsed.pointer), start + 32, 32) == 32
      else { throw CryptoError.malformed("ECDSA signature") }
      count = 64
    }
  }

  /// Nil unless there are exactly 64 bytes.
  static func der(fromRaw raw: [UInt8]) -> [UInt8]? {
    guard raw.count == 64,
      let signature = try? OpenSSLObject(
        ECDSA_SIG_new(), "ECDSA_SIG_new", release: { ECDSA_SIG_free($0) })
    else { return nil }
    let (r, s) = raw.withUnsafeBufferPointer {
      (BN_bin2bn($0.baseAddress, 32, nil), BN_bin2bn($0.baseAddress.map { $0 + 32 }, 32, nil))
    }
    guard let r, let s, ECDSA_SIG_set0(signature.pointer, r, s) == 1 else {
      BN_free(r)
      BN_free(s)
      return nil
    }
    return try? OpenSSLObject.der("i2d_ECDSA_SIG") { i2d_ECDSA_SIG(signature.pointer, $0) }
  }
}
