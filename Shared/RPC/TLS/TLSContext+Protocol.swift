import COpenSSL
import Glibc

/// What may be negotiated. Version, key exchange and ALPN are the design's; TLS 1.3 has neither renegotiation
/// nor compression, and early data is never accepted or sent.
extension TLSContext {
  /// 128 bits: no certificate or key of less (RSA below 3072, SHA-1, MD5), after SSL_CTX_set_security_level(3).
  private static let securityLevel: Int32 = 3
  private static let groups = "P-256:X25519"
  /// 112 bits, as certificates of the public web have (RSA of 2048).
  private static let webSecurityLevel: Int32 = 2
  private static let webGroups = "X25519:P-256:P-384"
  /// AES-128 is enough for P-256 and the fastest where the processor has it. Of peers that put ChaCha20 first,
  /// because theirs has not, it is chosen.
  private static let cipherSuites =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
  /// Of the two kinds of keys for which identity issues certificates: P-256, and RSA of 3072 bits or more.
  private static let signatureAlgorithms =
    "ecdsa_secp256r1_sha256:rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512"

  func setProtocol() throws {
    try control(SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_3_VERSION), "TLS 1.3")
    try control(SSL_CTRL_SET_MAX_PROTO_VERSION, Int(TLS1_3_VERSION), "TLS 1.3")
    if side == .webClient {
      SSL_CTX_set_security_level(pointer, Self.webSecurityLevel)
      try control(SSL_CTRL_SET_GROUPS_LIST, Self.webGroups, "key exchange groups")
    } else {
      SSL_CTX_set_security_level(pointer, Self.securityLevel)
      try control(SSL_CTRL_SET_GROUPS_LIST, Self.groups, "key exchange groups")
      try control(SSL_CTRL_SET_SIGALGS_LIST, Self.signatureAlgorithms, "signature algorithms")
    }
    try TLSError.check(
      SSL_CTX_set_ciphersuites(pointer, Self.cipherSuites) == 1, "cipher suites")
    _ = SSL_CTX_set_options(pointer, NDX_SSL_OPTIONS)
    _ = SSL_CTX_ctrl(pointer, SSL_CTRL_MODE, Int(SSL_MODE_RELEASE_BUFFERS), nil)
    switch side {
    case .client:
      let protocols: [UInt8] = [2, 0x68, 0x32]
      try TLSError.check(SSL_CTX_set_alpn_protos(pointer, protocols, 3) == 0, "ALPN")
    case .server:
      SSL_CTX_set_client_hello_cb(pointer, Self.requireProtocolList, nil)
      SSL_CTX_set_alpn_select_cb(pointer, Self.selectHTTP2, nil)
    case .web:
      SSL_CTX_set_alpn_select_cb(pointer, Self.selectHTTP1, nil)
    case .webClient: break  // Asked for by each connection: `TLSEngine.prepareForWeb`.
    }
  }

  /// A client that names no protocol is refused before any of the costly work.
  private static let requireProtocolList:
    @convention(c) (
      OpaquePointer?, UnsafeMutablePointer<Int32>?, UnsafeMutableRawPointer?
    ) -> Int32 = { ssl, alert, _ in
      var list: UnsafePointer<UInt8>?
      var count = 0
      let kind = UInt32(TLSEXT_TYPE_application_layer_protocol_negotiation)
      if SSL_client_hello_get0_ext(ssl, kind, &list, &count) == 1 {
        return SSL_CLIENT_HELLO_SUCCESS
      }
      // One of an older version has more to hear than that.
      let versions = UInt32(TLSEXT_TYPE_supported_versions)
      if SSL_client_hello_get0_ext(ssl, versions, &list, &count) != 1 {
        return SSL_CLIENT_HELLO_SUCCESS
      }
      alert?.pointee = SSL_AD_NO_APPLICATION_PROTOCOL
      return SSL_CLIENT_HELLO_ERROR
    }

  private typealias Selection =
    @convention(c) (
      OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?,
      UnsafePointer<UInt8>?, UInt32, UnsafeMutableRawPointer?
    ) -> Int32

  /// ALPN on the server: h2 or no connection.
  private static let selectHTTP2: Selection = { _, chosen, chosenCount, offered, offeredCount, _ in
    select("h2", chosen, chosenCount, offered, offeredCount)
  }

  /// ALPN for the web: HTTP/1.1; a client that offers nothing speaks it anyway.
  private static let selectHTTP1: Selection = { _, chosen, chosenCount, offered, offeredCount, _ in
    select("http/1.1", chosen, chosenCount, offered, offeredCount)
  }

  private static func select(
    _ wanted: StaticString, _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
    _ chosenCount: UnsafeMutablePointer<UInt8>?, _ offered: UnsafePointer<UInt8>?,
    _ offeredCount: UInt32
  ) -> Int32 {
    guard let offered else { return SSL_TLSEXT_ERR_ALERT_FATAL }
    var position = 0
    while position < Int(offeredCount) {
      let count = Int(offered[position])
      guard position + 1 + count <= Int(offeredCount) else { break }
      let name = offered + position + 1
      if count == wanted.utf8CodeUnitCount, memcmp(name, wanted.utf8Start, count) == 0 {
        chosen?.pointee = name
        chosenCount?.pointee = UInt8(count)
        return SSL_TLSEXT_ERR_OK
      }
      position += 1 + count
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL
  }
}
