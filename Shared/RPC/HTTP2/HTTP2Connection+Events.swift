import CNGHTTP2

/// What the session reports of frames and streams, through `SessionCallbacks`.
extension HTTP2Connection {
  func headersBegin(on id: Int32) -> Bool {
    if streams[id] != nil { return true }
    guard let stream = makeStream(id) else { return false }
    streams.insert(stream)
    return true
  }

  /// A field of the block that `headersBegin` announced. The block may come in several reads, with other streams between.
  func header(
    name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, on id: Int32
  ) -> Bool {
    streams[id]?.received(name: name, value: value) ?? false
  }

  func data(_ bytes: UnsafeRawBufferPointer, on id: Int32) {
    // The connection's window is opened at once, so that a slow stream holds up only itself.
    nghttp2_session_consume_connection(session, bytes.count)
    guard let stream = streams[id] else { return }
    stream.noteReceived(bytes.count)
    stream.received(bytes)
  }

  func frameReceived(_ frame: nghttp2_frame) {
    let isLast = frame.hd.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
    switch UInt32(frame.hd.type) {
    case NGHTTP2_HEADERS.rawValue: streams[frame.hd.stream_id]?.receivedHeaders(isLast: isLast)
    case NGHTTP2_DATA.rawValue: if isLast { streams[frame.hd.stream_id]?.receivedEnd() }
    default:
      if !isEstablished, UInt32(frame.hd.type) == NGHTTP2_SETTINGS.rawValue {
        isEstablished = true
        established()
      }
      if UInt32(frame.hd.type) == NGHTTP2_RST_STREAM.rawValue { peerEnded(frame.hd.stream_id) }
      controlFrameReceived(frame)
    }
  }

  /// A frame could not be sent, because its stream is gone before it began.
  func frameNotSent(_ header: nghttp2_frame_hd) {
    guard UInt32(header.type) == NGHTTP2_HEADERS.rawValue else { return }
    streamClosed(header.stream_id, errorCode: UInt32(NGHTTP2_REFUSED_STREAM.rawValue))
  }

  func streamClosed(_ id: Int32, errorCode: UInt32) {
    streams.remove(id)?.closed(errorCode: errorCode)
  }

  func pull(
    on id: Int32, into buffer: UnsafeMutableRawBufferPointer, flags: UnsafeMutablePointer<UInt32>?
  ) -> Int {
    guard let stream = streams[id] else {
      return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
    }
    switch stream.pull(into: buffer) {
    case .nothingYet: return Int(NGHTTP2_ERR_DEFERRED.rawValue)
    case .bytes(let count, let isLast):
      if isLast {
        flags?.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
        if stream.sendTrailers() { flags?.pointee |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue }
      }
      return count
    }
  }
}
