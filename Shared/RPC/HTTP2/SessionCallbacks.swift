import CNGHTTP2

/// How nghttp2 reaches the connection whose session it runs. The session's user data is the connection, which
/// outlives the session; streams are looked up by id, so that nghttp2 never holds a pointer to one.
enum SessionCallbacks {
  /// Calls `body` with a callbacks object that lives as long as the call; sessions copy it.
  static func with<R>(_ body: (OpaquePointer?) -> R) -> R {
    var callbacks: OpaquePointer?
    nghttp2_session_callbacks_new(&callbacks)
    defer { nghttp2_session_callbacks_del(callbacks) }
    setReceiving(callbacks)
    setClosing(callbacks)
    return body(callbacks)
  }

  private static func setReceiving(_ callbacks: OpaquePointer?) {
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, user in
      guard let frame else { return stop }
      return lending(user) { $0.headersBegin(on: frame.pointee.hd.stream_id) } ? 0 : resetStream
    }
    nghttp2_session_callbacks_set_on_header_callback(callbacks) {
      _, frame, name, nameCount, value, valueCount, _, user in
      guard let frame else { return stop }
      let isAccepted = lending(user) {
        $0.header(
          name: UnsafeRawBufferPointer(start: name, count: nameCount),
          value: UnsafeRawBufferPointer(start: value, count: valueCount),
          on: frame.pointee.hd.stream_id)
      }
      return isAccepted ? 0 : resetStream
    }
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
      _, _, id, bytes, count, user in
      lending(user) { $0.data(UnsafeRawBufferPointer(start: bytes, count: count), on: id) }
      return 0
    }
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, user in
      guard let frame else { return stop }
      lending(user) { $0.frameReceived(frame.pointee) }
      return 0
    }
  }

  private static func setClosing(_ callbacks: OpaquePointer?) {
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, user in
      guard let frame else { return stop }
      lending(user) { $0.frameSent(frame) }
      return 0
    }
    nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks) { _, frame, _, user in
      guard let frame else { return stop }
      lending(user) { $0.frameNotSent(frame.pointee.hd) }
      return 0
    }
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, id, errorCode, user in
      lending(user) { $0.streamClosed(id, errorCode: errorCode) }
      return 0
    }
  }

  /// Where the session gets the bytes of a stream from.
  static func dataProvider() -> nghttp2_data_provider {
    var provider = nghttp2_data_provider()
    provider.read_callback = { _, id, buffer, count, flags, _, user in
      lending(user) {
        $0.pull(
          on: id, into: UnsafeMutableRawBufferPointer(start: buffer, count: count), flags: flags)
      }
    }
    return provider
  }
}

private let stop = NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
private let resetStream = NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue

/// Lends the connection for one callback, without counting the reference: the session, which is at work,
/// is the connection's own.
private func lending<R>(_ user: UnsafeMutableRawPointer?, _ body: (HTTP2Connection) -> R) -> R {
  // Never nil: set when the session is made, in HTTP2Connection.startSession.
  Unmanaged<HTTP2Connection>.fromOpaque(user.unsafelyUnwrapped)._withUnsafeGuaranteedRef(body)
}
