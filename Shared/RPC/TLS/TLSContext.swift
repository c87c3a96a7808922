import COpenSSL
import Crypto
import Model

/// One side's settings for handshakes, built once from credentials and never changed: new credentials make a new
/// context. What may be negotiated is in `TLSContext+Protocol`, who is believed in `TLSContext+Verification`.
///
/// Unchecked: an SSL_CTX that is no longer configured may be used from several threads (OpenSSL, SSL_CTX_new(3)).
final class TLSContext: @unchecked Sendable {
  enum Side: Sendable, Hashable {
    case client
    case server(RPCServerConfiguration.ClientCertificate)
    /// HTTP/1.1 for anyone: no certificate is asked of the client.
    case web
    /// HTTP/1.1 to servers of the public web.
    case webClient
  }

  let pointer: OpaquePointer
  let side: Side
  /// What may be resumed, with these credentials only.
  let sessions = SessionCache()
  let pinnedRoot: Digest?

  init(_ credentials: TLSCredentials, side: Side) throws {
    let isClient = side == .client || side == .webClient
    let method = isClient ? TLS_client_method() : TLS_server_method()
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
    try setTrust(credentials.trust)
    try setResumption()
  }

  deinit { SSL_CTX_free(pointer) }

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

  func addToChain(_ certificate: Certificate) throws {
    let result = certificate.withUnsafeCertificate {
      SSL_CTX_ctrl(pointer, SSL_CTRL_CHAIN_CERT, 1, UnsafeMutableRawPointer($0))
    }
    try TLSError.check(result == 1, "certificate chain")
  }

  func control(_ command: Int32, _ value: Int, _ what: String) throws {
    try TLSError.check(SSL_CTX_ctrl(pointer, command, value, nil) == 1, what)
  }

  /// Those of OpenSSL's settings that take a list in text.
  func control(_ command: Int32, _ list: String, _ what: String) throws {
    let result = list.withCString {
      SSL_CTX_ctrl(pointer, command, 0, UnsafeMutableRawPointer(mutating: $0))
    }
    try TLSError.check(result == 1, what)
  }
}
