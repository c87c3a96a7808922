import COpenSSL
import Crypto

@testable import RPC

/// How a peer under test ends the handshake, as seen from the other end.
enum HandshakeEnd: Equatable {
  /// TLS stands, and the peer has sent bytes over it.
  case connected
  case alert(TLSAlert)
  /// The end of the connection, without a reason.
  case closed

  static func alert(_ code: UInt8) -> Self { .alert(TLSAlert(code: code)) }
}

/// TLS over a socket with OpenSSL's own defaults and whatever a test changes, independent of our engine. Blocking.
final class HandshakePeer {
  private let context: OpaquePointer?
  private let ssl: OpaquePointer?
  private let connection: PlainConnection
  /// The last that the server has given.
  private(set) var session: TLSSession?

  /// - Parameters:
  ///   - settings: names and values as in OpenSSL's configuration files (SSL_CONF_cmd(3)).
  ///   - configure: changes what such settings cannot.
  init(
    _ connection: PlainConnection, isServer: Bool = false, _ credentials: TLSCredentials?,
    settings: [String: String] = [:], protocols: [String] = ["h2"],
    configure: (_ context: OpaquePointer?, _ ssl: OpaquePointer?) -> Void = { _, _ in }
  ) throws {
    self.connection = connection
    context = SSL_CTX_new(isServer ? TLS_server_method() : TLS_client_method())
    SSL_CTX_set_security_level(context, 0)
    let commands = SSL_CONF_CTX_new()
    defer { SSL_CONF_CTX_free(commands) }
    let side = isServer ? SSL_CONF_FLAG_SERVER : SSL_CONF_FLAG_CLIENT
    SSL_CONF_CTX_set_flags(commands, UInt32(SSL_CONF_FLAG_FILE | side))
    SSL_CONF_CTX_set_ssl_ctx(commands, context)
    for (name, value) in settings {
      try TLSError.check(SSL_CONF_cmd(commands, name, value) > 0, "\(name) \(value)")
    }
    if let identity = credentials?.identity { try Self.use(identity, on: context) }
    let list = protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
    SSL_CTX_set_alpn_protos(context, list, UInt32(list.count))
    if isServer {
      // Whatever certificate the client has.
      SSL_CTX_set_verify(context, SSL_VERIFY_PEER, { _, _ in 1 })
      if !protocols.isEmpty { SSL_CTX_set_alpn_select_cb(context, Self.takeFirst, nil) }
    }
    SSL_CTX_sess_set_new_cb(context, Self.keep)
    _ = SSL_CTX_ctrl(
      context, SSL_CTRL_SET_SESS_CACHE_MODE,
      Int(SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL), nil)
    ssl = SSL_new(context)
    SSL_set_fd(ssl, connection.descriptor)
    isServer ? SSL_set_accept_state(ssl) : SSL_set_connect_state(ssl)
    configure(context, ssl)
    SSL_set_ex_data(ssl, 0, Unmanaged.passUnretained(self).toOpaque())
  }

  /// A client that is connected to the server.
  convenience init(
    _ server: TestServer, _ credentials: TLSCredentials?, settings: [String: String] = [:],
    protocols: [String] = ["h2"],
    configure: (_ context: OpaquePointer?, _ ssl: OpaquePointer?) -> Void = { _, _ in }
  ) throws {
    try self.init(
      PlainConnection(port: server.port), credentials, settings: settings,
      protocols: protocols, configure: configure)
  }

  deinit {
    SSL_free(ssl)
    SSL_CTX_free(context)
  }

  func resume(_ session: TLSSession) { SSL_set_session(ssl, session.pointer) }

  /// Goes through the handshake and reads what comes first: a server says only then what it thinks of the client.
  func end() -> HandshakeEnd {
    ERR_clear_error()
    let result = SSL_do_handshake(ssl)
    guard result == 1 else { return failure(result) }
    var byte: UInt8 = 0
    let count = SSL_peek(ssl, &byte, 1)
    return count == 1 ? .connected : failure(count)
  }

  private func failure(_ result: Int32) -> HandshakeEnd {
    guard SSL_get_error(ssl, result) == SSL_ERROR_SSL else { return .closed }
    return TLSError.last("handshake").alert.map { .alert($0) } ?? .closed
  }

  var isResumed: Bool { SSL_session_reused(ssl) == 1 }
  var isEarlyDataRefused: Bool { SSL_get_early_data_status(ssl) == SSL_EARLY_DATA_REJECTED }
  var hasPeerCertificate: Bool { SSL_get0_peer_certificate(ssl) != nil }
  var cipherSuite: String { String(cString: SSL_CIPHER_get_name(SSL_get_current_cipher(ssl))) }
  /// Of the key exchange (NID_…); 0 when there was none.
  var group: Int32 { Int32(SSL_ctrl(ssl, SSL_CTRL_GET_NEGOTIATED_GROUP, 0, nil)) }

  func sendEarly(_ bytes: [UInt8]) -> Bool {
    var written = 0
    return SSL_write_early_data(ssl, bytes, bytes.count, &written) == 1
  }

  func send(_ bytes: [UInt8]) { _ = SSL_write(ssl, bytes, Int32(bytes.count)) }

  func updateKeys() { SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED) }

  /// At most 16 KiB; nil at the end of the connection.
  func read() -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 16 << 10)
    let count = SSL_read(ssl, &bytes, Int32(bytes.count))
    return count > 0 ? Array(bytes[..<Int(count)]) : nil
  }

  private static func use(_ identity: TLSCredentials.Identity, on context: OpaquePointer?) throws {
    for (index, certificate) in try Certificate.all(inPEM: identity.certificateChainPEM)
      .enumerated()
    {
      _ = certificate.withUnsafeCertificate {
        index == 0
          ? SSL_CTX_use_certificate(context, $0)
          : Int32(SSL_CTX_ctrl(context, SSL_CTRL_CHAIN_CERT, 1, UnsafeMutableRawPointer($0)))
      }
    }
    let pem = Array(identity.privateKeyPEM.utf8)
    let source = BIO_new_mem_buf(pem, Int32(pem.count))
    defer { BIO_free(source) }
    let key = PEM_read_bio_PrivateKey(source, nil, nil, nil)
    defer { EVP_PKEY_free(key) }
    try TLSError.check(SSL_CTX_use_PrivateKey(context, key) == 1, "private key")
  }

  private static let keep: @convention(c) (OpaquePointer?, OpaquePointer?) -> Int32 = {
    ssl, session in
    guard let owner = SSL_get_ex_data(ssl, 0), let session else { return 0 }
    Unmanaged<HandshakePeer>.fromOpaque(owner).takeUnretainedValue().session = TLSSession(
      copying: session)
    return 0
  }

  private static let takeFirst:
    @convention(c) (
      OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?,
      UnsafePointer<UInt8>?, UInt32, UnsafeMutableRawPointer?
    ) -> Int32 = { _, chosen, count, offered, _, _ in
      guard let offered else { return SSL_TLSEXT_ERR_NOACK }
      chosen?.pointee = offered + 1
      count?.pointee = offered[0]
      return SSL_TLSEXT_ERR_OK
    }
}
