import COpenSSL
import Crypto

/// The TLS of one connection, working on memory: bytes from the socket go in, bytes for the socket come out.
/// Confined to the connection's event loop.
final class TLSEngine {
  enum Handshake {
    case wantsMore
    case finished
    case failed(TLSError)
  }

  enum Read {
    case bytes(Int)
    case wantsMore
    /// The peer has ended its side in order.
    case closed
    case failed(TLSError)
  }

  let context: TLSContext
  private let target: ClientTarget?
  private let ssl: OpaquePointer
  /// Owned by `ssl`.
  private let incoming: OpaquePointer
  private let outgoing: OpaquePointer

  /// - Parameters:
  ///   - target: whom a client means to reach.
  ///   - isWeb: whether a client speaks HTTP/1.1.
  init(_ context: TLSContext, target: ClientTarget? = nil, isWeb: Bool = false) throws {
    guard let ssl = SSL_new(context.pointer), let incoming = BIO_new(BIO_s_mem()),
      let outgoing = BIO_new(BIO_s_mem())
    else { throw TLSError.last("SSL_new") }
    self.context = context
    self.target = target
    self.ssl = ssl
    self.incoming = incoming
    self.outgoing = outgoing
    SSL_set_bio(ssl, incoming, outgoing)
    SSL_set_ex_data(ssl, 0, Unmanaged.passUnretained(self).toOpaque())
    switch context.side {
    case .client, .webClient:
      SSL_set_connect_state(ssl)
      guard let target else { return }
      setServerName(target)
      if isWeb { try prepareForWeb(target) } else { resume(target) }
    case .server, .web: SSL_set_accept_state(ssl)
    }
  }

  private func setServerName(_ target: ClientTarget) {
    target.service.serverName?.withCString { name in
      _ = SSL_ctrl(
        ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name),
        UnsafeMutableRawPointer(mutating: name))
    }
  }

  /// HTTP/1.1 by ALPN, and of servers of the public web a certificate for the very name or address that is called
  /// (RFC 9525): the subject's common name does not count, nor does a wildcard for a part of a label.
  private func prepareForWeb(_ target: ClientTarget) throws {
    let protocols = [8] + Array("http/1.1".utf8)
    try TLSError.check(
      SSL_set_alpn_protos(ssl, protocols, UInt32(protocols.count)) == 0, "ALPN")
    guard context.side == .webClient else { return }
    let parameters = SSL_get0_param(ssl)
    let host = target.service.host
    X509_VERIFY_PARAM_set_hostflags(
      parameters,
      UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT))
    let result =
      target.service.numericAddress == nil
      ? X509_VERIFY_PARAM_set1_host(parameters, host, host.utf8.count)
      : X509_VERIFY_PARAM_set1_ip_asc(parameters, host)
    try TLSError.check(result == 1, "the server's name")
  }

  private func resume(_ target: ClientTarget) {
    if let session = context.sessions.take(for: target.sessionKey) {
      SSL_set_session(ssl, session.pointer)
    }
  }

  /// The engine that OpenSSL calls back for. Valid as long as the callback lasts.
  static func of(_ ssl: OpaquePointer?) -> TLSEngine? {
    guard let ssl, let owner = SSL_get_ex_data(ssl, 0) else { return nil }
    return Unmanaged<TLSEngine>.fromOpaque(owner).takeUnretainedValue()
  }

  deinit { SSL_free(ssl) }

  // MARK: Key updates

  /// Changes of its key that the peer has made and `takeKeyUpdates` has not reported.
  private var keyUpdates = 0

  var hasKeyUpdates: Bool { keyUpdates > 0 }

  func takeKeyUpdates() -> Int {
    defer { keyUpdates = 0 }
    return keyUpdates
  }

  /// Counts the peer's KeyUpdate messages (RFC 8446, 4.6.3), which OpenSSL answers without limit.
  func watchKeyUpdates() {
    SSL_ctrl(
      ssl, SSL_CTRL_SET_MSG_CALLBACK_ARG, 0, Unmanaged.passUnretained(self).toOpaque())
    SSL_set_msg_callback(ssl) { isSent, _, type, bytes, count, _, owner in
      guard isSent == 0, type == SSL3_RT_HANDSHAKE, count > 0, let bytes, let owner,
        bytes.load(as: UInt8.self) == UInt8(SSL3_MT_KEY_UPDATE)
      else { return }
      // Valid: the engine owns `ssl`, and with it this callback.
      Unmanaged<TLSEngine>.fromOpaque(owner).takeUnretainedValue().keyUpdates += 1
    }
  }

  func receive(_ bytes: UnsafeRawBufferPointer) {
    _ = BIO_write(incoming, bytes.baseAddress, Int32(bytes.count))
  }

  func handshake() -> Handshake {
    ERR_clear_error()
    let result = SSL_do_handshake(ssl)
    if result == 1 { return .finished }
    let error = SSL_get_error(ssl, result)
    if error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE { return .wantsMore }
    let verification = Int32(SSL_get_verify_result(ssl))
    guard verification == X509_V_OK else {
      ERR_clear_error()
      return .failed(refusal(verification))
    }
    return .failed(TLSError.last("TLS handshake"))
  }

  private func refusal(_ verification: Int32) -> TLSError {
    let isWrongName =
      verification == X509_V_ERR_HOSTNAME_MISMATCH
      || verification == X509_V_ERR_IP_ADDRESS_MISMATCH
    if isWrongName, let target {
      return TLSError("the server is not \(target.expectation)")
    }
    let reason = X509_verify_cert_error_string(Int(verification)).map { String(cString: $0) } ?? ""
    return TLSError("the peer's certificate is not acceptable: \(reason)")
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Read {
    ERR_clear_error()
    let count = SSL_read(ssl, buffer.baseAddress, Int32(buffer.count))
    if count > 0 { return .bytes(Int(count)) }
    switch SSL_get_error(ssl, count) {
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .wantsMore
    case SSL_ERROR_ZERO_RETURN: return .closed
    default: return .failed(TLSError.last("TLS"))
    }
  }

  /// Encrypts; false when the session is broken.
  func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count > 0 else { return true }
    ERR_clear_error()
    return SSL_write(ssl, bytes.baseAddress, Int32(bytes.count)) == Int32(bytes.count)
  }

  /// Bytes that wait to be sent.
  var outputBytes: Int { BIO_ctrl_pending(outgoing) }

  func takeOutput(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    max(0, Int(BIO_read(outgoing, buffer.baseAddress, Int32(clamping: buffer.count))))
  }

  /// Queues close_notify.
  func close() {
    ERR_clear_error()
    _ = SSL_shutdown(ssl)
    ERR_clear_error()
  }

  var hasNegotiatedHTTP2: Bool {
    var name: UnsafePointer<UInt8>?
    var count: UInt32 = 0
    SSL_get0_alpn_selected(ssl, &name, &count)
    guard let name, count == 2 else { return false }
    return name[0] == 0x68 && name[1] == 0x32
  }

  /// Whether the peer was known from an earlier handshake, and has not proved itself by its certificate anew.
  var isResumed: Bool { SSL_session_reused(ssl) == 1 }

  /// The peer's leaf, which this handshake or the one resumed has verified; nil when none was asked for.
  func peerCertificate() throws -> PeerCertificate? {
    try SSL_get0_peer_certificate(ssl).map { try PeerCertificate(reading: $0) }
  }

  /// Whether a client means to reach the holder of this certificate. A server leaves that to authentication.
  func expects(_ certificate: OpaquePointer) -> Bool {
    guard let target else { return true }
    return (try? PeerCertificate(reading: certificate)).map(target.expectation.accepts) ?? false
  }

  /// Takes a session that a server has issued a ticket for, or a client been given one.
  func keep(_ session: OpaquePointer) {
    if let target, target.sessionKey.isEmpty { return }
    guard let copy = TLSSession(copying: session) else { return }
    switch context.side {
    case .server: context.sessions.add(copy, for: copy.id)
    case .web, .webClient: break
    case .client: if let target { context.sessions.add(copy, for: target.sessionKey) }
    }
  }
}

/// Whom a client means to reach.
struct ClientTarget: Sendable {
  let service: ServiceAddress
  let expectation: PeerExpectation
  /// One of several servers under a name knows nothing of the others' sessions. Empty when none are kept.
  let sessionKey: [UInt8]

  init(endpoint: Endpoint, expectation: PeerExpectation) {
    service = endpoint.service
    self.expectation = expectation
    sessionKey = Array("\(endpoint.service.authority) \(endpoint.address)".utf8)
  }

  init(service: ServiceAddress, expectation: PeerExpectation) {
    self.service = service
    self.expectation = expectation
    sessionKey = []
  }
}

extension PeerCertificate {
  fileprivate init(reading certificate: OpaquePointer) throws {
    let summary = try Certificate.Summary(reading: certificate)
    self.init(
      spiffeID: summary.spiffeID, serial: summary.serial, fingerprint: summary.fingerprint,
      notBefore: summary.notBefore, notAfter: summary.notAfter)
  }
}
