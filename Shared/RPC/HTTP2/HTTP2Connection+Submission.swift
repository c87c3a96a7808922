import CNGHTTP2

/// What streams and the two sides hand to the session; `flush` sends it.
extension HTTP2Connection {
  func resumeSending(on id: Int32) { nghttp2_session_resume_data(session, id) }

  func acknowledge(_ count: Int, on id: Int32) {
    nghttp2_session_consume_stream(session, id, count)
  }

  func reset(_ id: Int32, _ code: nghttp2_error_code) {
    nghttp2_submit_rst_stream(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, code.rawValue)
  }

  func submitSettings(_ settings: [(nghttp2_settings_id, UInt32)]) {
    let entries = settings.map {
      nghttp2_settings_entry(settings_id: Int32($0.0.rawValue), value: $0.1)
    }
    nghttp2_submit_settings(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), entries, entries.count)
  }
}
