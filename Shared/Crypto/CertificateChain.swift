import COpenSSL
package import Model

/// Path validation after RFC 5280, in OpenSSL's strict mode.
package enum CertificateChain {
  /// What the leaf is to be used for.
  package enum Purpose: Sendable {
    case client, server
  }

  /// Returns when `leaf` chains through `intermediates` to one of `anchors` (self-signed) at `time`.
  /// Throws `CryptoError.untrustedCertificate` otherwise. Revocation is not looked at here.
  package static func verify(
    _ leaf: Certificate, intermediates: [Certificate], anchors: [Certificate],
    at time: Timestamp, for purpose: Purpose = .client
  ) throws {
    let store = try OpenSSLObject(X509_STORE_new(), "X509_STORE_new") { X509_STORE_free($0) }
    for anchor in anchors {
      try OpenSSLObject.check(
        X509_STORE_add_cert(store.pointer, anchor.object.pointer), "X509_STORE_add_cert")
    }
    let stack = try OpenSSLObject(OPENSSL_sk_new_null(), "X509 stack") { OPENSSL_sk_free($0) }
    for certificate in intermediates {
      guard OPENSSL_sk_push(stack.pointer, UnsafeRawPointer(certificate.object.pointer)) > 0 else {
        throw OpenSSLObject.failure(of: "OPENSSL_sk_push")
      }
    }
    let context = try OpenSSLObject(X509_STORE_CTX_new(), "X509_STORE_CTX_new") {
      X509_STORE_CTX_free($0)
    }
    try OpenSSLObject.check(
      X509_STORE_CTX_init(
        context.pointer, store.pointer, leaf.object.pointer, stack.pointer),
      "X509_STORE_CTX_init")
    let parameters = X509_STORE_CTX_get0_param(context.pointer)
    X509_VERIFY_PARAM_set_time(parameters, ASN1.seconds(time))
    X509_VERIFY_PARAM_set_depth(parameters, 4)
    try OpenSSLObject.check(
      X509_VERIFY_PARAM_set_flags(parameters, UInt(X509_V_FLAG_X509_STRICT)),
      "X509_VERIFY_PARAM_set_flags")
    try OpenSSLObject.check(
      X509_VERIFY_PARAM_set_purpose(
        parameters, purpose == .client ? X509_PURPOSE_SSL_CLIENT : X509_PURPOSE_SSL_SERVER),
      "X509_VERIFY_PARAM_set_purpose")
    let isValid = withExtendedLifetime((leaf, intermediates, anchors)) {
      X509_verify_cert(context.pointer) == 1
    }
    ERR_clear_error()
    guard isValid else {
      let code = Int(X509_STORE_CTX_get_error(context.pointer))
      let reason = X509_verify_cert_error_string(code).map { String(cString: $0) }
      throw CryptoError.untrustedCertificate(reason: reason ?? "no detail")
    }
  }
}
