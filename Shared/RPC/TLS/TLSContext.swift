import COpenSSL
import Crypto
import Model

/// One side's settings for handshakes, built once from credentials: TLS 1.3 only, groups P-256 and X25519,
/// ALPN h2, no session tickets, no early data, and no renegotiation (TLS 1.3 has none).
///
/// Unchecked: an SSL_CTX that is no longer configured may be used from several threads (OpenSSL, SSL_CTX_new(3)).
final class TLSContext: @unchecked Sendable {
  enum Side: Sendable, Hashable {
    case client
    case server(RPCServerConfiguration.ClientCertificate)
  }

  let pointer: OpaquePointer
  let side: Side
  private let pinnedRoot: Digest?

  init(_ credentials: TLSCredentials, side: Side) throws {
    let method = side == .client ? TLS_client_method() : TLS_server_method()
    guard let pointer = SSL_CTX_new(method) else { throw TLSError.last("SSL_CTX_new") }
    self.pointer = pointer
    self.side = side
    if case .pinnedRoot(let fingerprint) = credentials.trust {
      pinnedRoot = fingerprint
    } else {
      pinnedRoot = nil
    }
    try setProtocol()
    if let identity = credentials.identity { try setIdentity(identity) }
    try setTrust(credentials)
  }

  deinit { SSL_CTX_free(pointer) }

  private func setProtocol() throws {
    try control(SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_3_VERSION), "TLS 1.3")
    try control(SSL_CTRL_SET_MAX_PROTO_VERSION, Int(TLS1_3_VERSION), "TLS 1.3")
    try "P-256:X25519".withCString { groups in
      let result = SSL_CTX_ctrl(
        pointer, SSL_CTRL_SET_GROUPS_LIST, 0, UnsafeMutableRawPointer(mutating: groups))
      try TLSError.check(result == 1, "key exchange groups")
    }
    _ = SSL_CTX_set_num_tickets(pointer, 0)
    _ = SSL_CTX_set_max_early_data(pointer, 0)
    _ = SSL_CTX_ctrl(pointer, SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_OFF), nil)
    _ = SSL_CTX_ctrl(pointer, SSL_CTRL_MODE, Int(SSL_MODE_RELEASE_BUFFERS), nil)
    if side == .client {
      let protocols: [UInt8] = [2, 0x68, 0x32]
      try TLSError.check(SSL_CTX_set_alpn_protos(pointer, protocols, 3) == 0, "ALPN")
    } else {
      SSL_CTX_set_alpn_select_cb(pointer, Self.selectHTTP2, nil)
    }
  }

  private func setIdentity(_ identity: TLSCredentials.Identity) throws {
    let chain = try Certificate.all(inPEM: identity.certificateChainPEM)
    guard let leaf = chain.first else { throw TLSError("the certificate chain is empty") }
    try leaf.withUnsafeCertificate {
      try TLSError.check(SSL_CTX_use_certificate(pointer, $0) == 1, "certificate")
    }
    for certificate in chain.dropFirst() { try addToChain(certificate) }
    var pem = Array(identity.privateKeyPEM.utf8)
    defer { pem.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) } }
    let key = pem.withUnsafeBytes { bytes -> OpaquePointer? in
      let source = BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count))
      defer { BIO_free(source) }
      return PEM_read_bio_PrivateKey(source, nil, nil, nil)
    }
    guard let key else { throw TLSError.last("private key") }
    defer { EVP_PKEY_free(key) }
    try TLSError.check(SSL_CTX_use_PrivateKey(pointer, key) == 1, "private key")
    try TLSError.check(SSL_CTX_check_private_key(pointer) == 1, "certificate and private key")
  }

  private func setTrust(_ credentials: TLSCredentials) throws {
    if case .anchors(let pem) = credentials.trust {
      let anchors = try Certificate.all(inPEM: pem)
      guard !anchors.isEmpty else { throw TLSError("there is no trust anchor") }
      let store = SSL_CTX_get_cert_store(pointer)
      // An issuing authority may be an anchor by itself.
      _ = X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
      for anchor in anchors {
        try anchor.withUnsafeCertificate {
          try TLSError.check(X509_STORE_add_cert(store, $0) == 1, "trust anchor")
        }
        if side == .server(.notRequested) { try addToChain(anchor) }
      }
    } else {
      guard side == .client else { throw TLSError("a server needs trust anchors") }
      SSL_CTX_set_cert_verify_callback(
        pointer, Self.verifyAgainstPin, Unmanaged.passUnretained(self).toOpaque())
    }
    switch side {
    case .client: SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
    case .server(.required):
      SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    case .server(.notRequested): SSL_CTX_set_verify(pointer, SSL_VERIFY_NONE, nil)
    }
  }

  private func addToChain(_ certificate: Certificate) throws {
    let result = certificate.withUnsafeCertificate {
      SSL_CTX_ctrl(pointer, SSL_CTRL_CHAIN_CERT, 1, UnsafeMutableRawPointer($0))
    }
    try TLSError.check(result == 1, "certificate chain")
  }

  private func control(_ command: Int32, _ value: Int, _ what: String) throws {
    try TLSError.check(SSL_CTX_ctrl(pointer, command, value, nil) == 1, what)
  }

  /// ALPN on the server: h2 or no connection.
  private static let selectHTTP2:
    @convention(c) (
      OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?,
      UnsafePointer<UInt8>?, UInt32, UnsafeMutableRawPointer?
    ) -> Int32 = { _, chosen, chosenCount, offered, offeredCount, _ in
      guard let offered else { return SSL_TLSEXT_ERR_ALERT_FATAL }
      var position = 0
      while position < Int(offeredCount) {
        let count = Int(offered[position])
        guard position + 1 + count <= Int(offeredCount) else { break }
        let name = offered + position + 1
        if count == 2, name[0] == 0x68, name[1] == 0x32 {
          chosen?.pointee = name
          chosenCount?.pointee = 2
          return SSL_TLSEXT_ERR_OK
        }
        position += 1 + count
      }
      return SSL_TLSEXT_ERR_ALERT_FATAL
    }

  /// Trusts the certificate with the pinned fingerprint, if the server sent it, and verifies the chain with it.
  private static let verifyAgainstPin:
    @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> Int32 = { verification, owner in
      guard let owner else { return 0 }
      let context = Unmanaged<TLSContext>.fromOpaque(owner).takeUnretainedValue()
      let sent = X509_STORE_CTX_get0_untrusted(verification)
      for index in 0..<max(0, OPENSSL_sk_num(sent)) {
        guard let value = OPENSSL_sk_value(sent, index) else { continue }
        let certificate = OpaquePointer(value)
        guard (try? Certificate(copying: certificate))?.fingerprint == context.pinnedRoot else {
          continue
        }
        let trusted = OPENSSL_sk_new_null()
        defer { OPENSSL_sk_free(trusted) }
        OPENSSL_sk_push(trusted, value)
        X509_STORE_CTX_set0_trusted_stack(verification, trusted)
        return X509_verify_cert(verification)
      }
      X509_STORE_CTX_set_error(verification, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN)
      return 0
    }
}
