import COpenSSL

/// Resumption (RFC 8446, 2.2): reconnecting without certificates and signatures. Only a listener that demands
/// certificates issues tickets, one for a handshake.
///
/// - A ticket is the number of a session that the server keeps, and it counts once; the resumed connection is given the
///   next. So there are no ticket keys that could be stolen. Measured, this also costs a server less than half of
///   what tickets with the session in them do: those must be encrypted, and the certificate in them parsed anew.
/// - Sessions go with the context, whenever the certificate is renewed or the anchors change, and the oldest when there
///   are too many. Listeners share none. Whoever comes with a ticket that is gone makes a full handshake.
/// - A resumed connection has the certificate of the full handshake: its expiry, revocation and holder's state are
///   checked with every call as on any other. Once it has expired the ticket does not count either.
/// - Keys are exchanged anew (psk_dhe_ke alone).
/// - A client resumes only with the credentials it had, and judges the server again.
extension TLSContext {
  private static let lifetimeSeconds = 3600

  func setResumption() throws {
    _ = SSL_CTX_set_max_early_data(pointer, 0)
    SSL_CTX_sess_set_new_cb(pointer, Self.keep)
    switch side {
    case .client: setSessionCache(SSL_SESS_CACHE_CLIENT)
    case .webClient: setSessionCache(SSL_SESS_CACHE_OFF)
    case .server(.notRequested), .web:
      setSessionCache(SSL_SESS_CACHE_OFF)
      try TLSError.check(SSL_CTX_set_num_tickets(pointer, 0) == 1, "session tickets")
    case .server(.required):
      setSessionCache(SSL_SESS_CACHE_SERVER)
      try TLSError.check(SSL_CTX_set_num_tickets(pointer, 1) == 1, "session tickets")
      SSL_CTX_set_timeout(pointer, Self.lifetimeSeconds)
      SSL_CTX_sess_set_get_cb(pointer, Self.find)
      let name = Array("ndx".utf8)
      try TLSError.check(
        SSL_CTX_set_session_id_context(pointer, name, UInt32(name.count)) == 1, "session context")
    }
  }

  /// Sessions are kept in `sessions` alone.
  private func setSessionCache(_ mode: Int32) {
    let mode = mode | SSL_SESS_CACHE_NO_INTERNAL | SSL_SESS_CACHE_NO_AUTO_CLEAR
    _ = SSL_CTX_ctrl(pointer, SSL_CTRL_SET_SESS_CACHE_MODE, Int(mode), nil)
  }

  /// A server has issued a ticket, or a client been given one.
  private static let keep: @convention(c) (OpaquePointer?, OpaquePointer?) -> Int32 = {
    ssl, session in
    if let session { TLSEngine.of(ssl)?.keep(session) }
    return 0
  }

  /// What a ticket that a client presents stands for; the reference is given away.
  private static let find:
    @convention(c) (
      OpaquePointer?, UnsafePointer<UInt8>?, Int32, UnsafeMutablePointer<Int32>?
    ) -> OpaquePointer? = { ssl, id, count, mustCopy in
      mustCopy?.pointee = 0
      let key = Array(UnsafeBufferPointer(start: id, count: Int(count)))
      guard let session = TLSEngine.of(ssl)?.context.sessions.take(for: key) else { return nil }
      SSL_SESSION_up_ref(session.pointer)
      return session.pointer
    }
}
