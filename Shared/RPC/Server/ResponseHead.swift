import CNGHTTP2
import Model

/// What a response says of compression.
enum ResponseCoding {
  /// Nothing: neither the request nor its answer is compressed.
  case plain
  /// That we take gzip, as the request's sender has found out already (doc/compression.md).
  case acceptsGzip
  /// That too, and that its own messages may be gzip.
  case gzip
}

/// The header and trailer fields of responses.
enum ResponseHead {
  /// Header fields of a response with messages, which the stream's data provider then sends.
  static func submit(
    _ metadata: Metadata, _ coding: ResponseCoding, to session: OpaquePointer?, _ id: Int32
  ) {
    var provider = SessionCallbacks.dataProvider()
    guard metadata.isEmpty, coding == .plain else {
      var block = head(coding)
      block.add(within: limit(of: session)) { $0.add(metadata) }
      _ = block.withFields { nghttp2_submit_response(session, id, $0, $1, &provider) }
      return
    }
    withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: 2) { fields in
      fields.initializeElement(at: 0, to: HeaderBlock.constant(":status", "200"))
      fields.initializeElement(at: 1, to: HeaderBlock.constant("content-type", "application/grpc"))
      nghttp2_submit_response(session, id, fields.baseAddress, 2, &provider)
    }
  }

  /// Trailers after the last message; a status of nil is OK.
  static func submitTrailers(
    _ status: RPCStatus?, _ metadata: Metadata, to session: OpaquePointer?, _ id: Int32
  ) {
    guard status != nil || !metadata.isEmpty else {
      var field = HeaderBlock.constant("grpc-status", "0")
      nghttp2_submit_trailer(session, id, &field, 1)
      return
    }
    var block = HeaderBlock()
    block.add(status, metadata, within: limit(of: session))
    _ = block.withFields { nghttp2_submit_trailer(session, id, $0, $1) }
  }

  /// A response that is nothing but a status.
  static func submitTrailersOnly(
    _ status: RPCStatus, _ metadata: Metadata, _ coding: ResponseCoding,
    to session: OpaquePointer?, _ id: Int32
  ) {
    let isUnimplemented = status.code == .unimplemented
    var block = head(coding == .plain && !isUnimplemented ? .plain : .acceptsGzip)
    block.add(status, metadata, within: limit(of: session))
    _ = block.withFields { nghttp2_submit_response(session, id, $0, $1, nil) }
  }

  /// Refuses a call because there are too many, from fields made once per language: it must cost far
  /// less than what it saves.
  static func submitOverloaded(_ language: Language, to session: OpaquePointer?, _ id: Int32) {
    guard let block = overloaded[language], block.listBytes <= limit(of: session) else {
      let status = RPCStatus(CallRefusal.overloaded, language: language)
      return submitTrailersOnly(status, Metadata(), .plain, to: session, id)
    }
    _ = block.withFields { nghttp2_submit_response(session, id, $0, $1, nil) }
  }

  private static let overloaded = Dictionary(
    uniqueKeysWithValues: Language.allCases.map { language in
      var block = head(.plain)
      let status = RPCStatus(CallRefusal.overloaded, language: language)
      block.add(status, Metadata(), within: .max)
      return (language, block)
    })

  /// A plain HTTP answer to what is not a gRPC request.
  static func submitRefusal(httpStatus: String, to session: OpaquePointer?, _ id: Int32) {
    var block = HeaderBlock()
    block.add(":status", httpStatus)
    if httpStatus == "405" { block.add("allow", "POST") }
    _ = block.withFields { nghttp2_submit_response(session, id, $0, $1, nil) }
  }

  private static func head(_ coding: ResponseCoding) -> HeaderBlock {
    var block = HeaderBlock()
    block.add(":status", "200")
    block.add("content-type", "application/grpc")
    if coding == .gzip { block.add("grpc-encoding", "gzip") }
    if coding != .plain { block.add("grpc-accept-encoding", MessageCompression.accepted) }
    return block
  }

  /// Longest header list that the peer takes and that nghttp2 sends (64 KiB, its own overheads included).
  private static func limit(of session: OpaquePointer?) -> Int {
    let announced = nghttp2_session_get_remote_settings(
      session, NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE)
    return min(Int(announced), 60 << 10)
  }
}

extension HeaderBlock {
  /// `grpc-status`, then as much of the rest as the list has room for: the message, shortened where it must be,
  /// the handler's own fields, and `grpc-status-details-bin` last.
  fileprivate mutating func add(_ status: RPCStatus?, _ metadata: Metadata, within limit: Int) {
    add("grpc-status", String((status?.code ?? .ok).rawValue))
    if let status, !status.message.isEmpty {
      let name = "grpc-message"
      let room = limit - listBytes - name.utf8.count - Self.fieldOverheadBytes
      if room > 0 { add(name, PercentEncoding.encode(status.message, limit: room)) }
    }
    add(within: limit) { $0.add(metadata) }
    guard let status, status.details != nil else { return }
    add(within: limit) { $0.add("grpc-status-details-bin", StatusDetails.encode(status)) }
  }
}
