import COpenSSL
import Crypto

/// Who is believed: holders of certificates that chain to a trust anchor by RFC 5280's rules, made for this end of
/// TLS, and on a client only the one that it expects. Expiry and revocation are asked again with every call.
extension TLSContext {
  /// As `CertificateChain` has it.
  private static let maximumDepth: Int32 = 4

  func setTrust(_ trust: TLSCredentials.Trust) throws {
    if case .webRoots(let pem) = trust { return try setWebTrust(pem) }
    if case .nobody = trust {
      guard side == .web else { throw TLSError("this end must trust somebody") }
      return SSL_CTX_set_verify(pointer, SSL_VERIFY_NONE, nil)
    }
    let parameters = SSL_CTX_get0_param(pointer)
    // An issuing authority may be an anchor by itself.
    let flags = UInt(X509_V_FLAG_X509_STRICT | X509_V_FLAG_PARTIAL_CHAIN)
    try TLSError.check(X509_VERIFY_PARAM_set_flags(parameters, flags) == 1, "strict verification")
    X509_VERIFY_PARAM_set_depth(parameters, Self.maximumDepth)
    if case .anchors(let pem) = trust {
      try addAnchors(try Certificate.all(inPEM: pem))
    } else {
      guard side == .client else { throw TLSError("a server needs trust anchors") }
      SSL_CTX_set_cert_verify_callback(
        pointer, Self.verifyAgainstPin, Unmanaged.passUnretained(self).toOpaque())
    }
    switch side {
    case .client: SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, Self.judge)
    case .server(.required):
      SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, Self.judge)
    case .server(.notRequested), .web: SSL_CTX_set_verify(pointer, SSL_VERIFY_NONE, nil)
    case .webClient: throw TLSError("a client of the web needs its roots")
    }
  }

  /// As programs for the web verify: chains may be as long as they like, and a certificate that the user names may be
  /// the server's own. `TLSEngine.prepareForWeb` says what name it must be for.
  private func setWebTrust(_ pem: String?) throws {
    guard side == .webClient else { throw TLSError("these roots are for clients of the web") }
    let parameters = SSL_CTX_get0_param(pointer)
    try TLSError.check(
      X509_VERIFY_PARAM_set_flags(parameters, UInt(X509_V_FLAG_PARTIAL_CHAIN)) == 1,
      "partial chains")
    if let pem {
      try addAnchors(try Certificate.all(inPEM: pem))
    } else {
      try TLSError.check(SSL_CTX_set_default_verify_paths(pointer) == 1, "the system's roots")
    }
    SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
  }

  private func addAnchors(_ anchors: [Certificate]) throws {
    guard !anchors.isEmpty else { throw TLSError("there is no trust anchor") }
    let store = SSL_CTX_get_cert_store(pointer)
    for anchor in anchors {
      try anchor.withUnsafeCertificate {
        try TLSError.check(X509_STORE_add_cert(store, $0) == 1, "trust anchor")
      }
      if side == .server(.notRequested) || side == .web { try addToChain(anchor) }
    }
  }

  /// Called for every certificate of the chain, the peer's own last. What is refused here ends the handshake with
  /// an alert, on a client before its own certificate is sent.
  private static let judge: @convention(c) (Int32, OpaquePointer?) -> Int32 = { isGood, chain in
    guard isGood == 1 else { return 0 }
    guard X509_STORE_CTX_get_error_depth(chain) == 0 else { return 1 }
    guard let leaf = X509_STORE_CTX_get_current_cert(chain), X509_check_ca(leaf) == 0 else {
      X509_STORE_CTX_set_error(chain, X509_V_ERR_INVALID_PURPOSE)
      return 0
    }
    let ssl = X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx())
    guard let ssl, TLSEngine.of(OpaquePointer(ssl))?.expects(leaf) == true else {
      // Of the errors that stand for a wrong name this one is answered with bad_certificate.
      X509_STORE_CTX_set_error(chain, X509_V_ERR_HOSTNAME_MISMATCH)
      return 0
    }
    return 1
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
