import CNGHTTP2
import Model

/// The header and trailer fields of responses.
enum ResponseHead {
  /// Header fields of a response with messages, which the stream's data provider then sends.
  static func submit(to session: OpaquePointer?, _ id: Int32) {
    withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: 2) { fields in
      fields.initializeElement(at: 0, to: HeaderBlock.constant(":status", "200"))
      fields.initializeElement(at: 1, to: HeaderBlock.constant("content-type", "application/grpc"))
      var provider = SessionCallbacks.dataProvider()
      nghttp2_submit_response(session, id, fields.baseAddress, 2, &provider)
    }
  }

  /// Trailers after the last message; nil is OK.
  static func submitTrailers(_ status: RPCStatus?, to session: OpaquePointer?, _ id: Int32) {
    guard let status else {
      var field = HeaderBlock.constant("grpc-status", "0")
      nghttp2_submit_trailer(session, id, &field, 1)
      return
    }
    var block = HeaderBlock()
    block.add(status)
    _ = block.withFields { nghttp2_submit_trailer(session, id, $0, $1) }
  }

  /// A response that is nothing but a status.
  static func submitTrailersOnly(_ status: RPCStatus, to session: OpaquePointer?, _ id: Int32) {
    var block = HeaderBlock()
    block.add(":status", "200")
    block.add("content-type", "application/grpc")
    block.add(status)
    _ = block.withFields { nghttp2_submit_response(session, id, $0, $1, nil) }
  }

  /// Refuses a call because there are too many, from fields made once per language: it must cost far
  /// less than what it saves.
  static func submitOverloaded(_ language: Language, to session: OpaquePointer?, _ id: Int32) {
    guard let block = overloaded[language] else { return }
    _ = block.withFields { nghttp2_submit_response(session, id, $0, $1, nil) }
  }

  private static let overloaded = Dictionary(
    uniqueKeysWithValues: Language.allCases.map { language in
      var block = HeaderBlock()
      block.add(":status", "200")
      block.add("content-type", "application/grpc")
      block.add(RPCStatus(CallRefusal.overloaded, language: language))
      return (language, block)
    })

  /// A plain HTTP answer to what is not a gRPC request.
  static func submitRefusal(httpStatus: String, to session: OpaquePointer?, _ id: Int32) {
    var block = HeaderBlock()
    block.add(":status", httpStatus)
    if httpStatus == "405" { block.add("allow", "POST") }
    _ = block.withFields { nghttp2_submit_response(session, id, $0, $1, nil) }
  }
}

extension HeaderBlock {
  /// `grpc-status`, `grpc-message` and, when there are details, `grpc-status-details-bin`.
  fileprivate mutating func add(_ status: RPCStatus) {
    add("grpc-status", String(status.code.rawValue))
    add("grpc-message", PercentEncoding.encode(status.message))
    if status.code == .unimplemented { add("grpc-accept-encoding", "identity") }
    if status.details != nil { add("grpc-status-details-bin", StatusDetails.encode(status)) }
  }
}
