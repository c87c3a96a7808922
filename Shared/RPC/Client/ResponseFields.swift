import Model

/// The header and trailer fields of a response that matter to a call.
struct ResponseFields {
  private var httpStatus = 0
  private var isGRPC = false
  private var code: StatusCode?
  private var message = ""
  private var details: ErrorDetails?

  mutating func add(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    if name.equals(":status") {
      httpStatus = Int(String(decoding: value, as: UTF8.self)) ?? 0
    } else if name.equals("content-type") {
      isGRPC = value.starts(with: "application/grpc")
    } else if name.equals("grpc-status") {
      let number = Int(String(decoding: value, as: UTF8.self))
      code = number.flatMap(StatusCode.init(rawValue:)) ?? .unknown
    } else if name.equals("grpc-message") {
      message = PercentEncoding.decode(value)
    } else if name.equals("grpc-status-details-bin") {
      details = StatusDetails.decode(String(decoding: value, as: UTF8.self))
    }
  }

  /// The call's status, once it has come.
  var status: RPCStatus? {
    code.map { RPCStatus(code: $0, message: message, details: details) }
  }

  /// Why the header fields are not those of a gRPC response; nil when they are, or when the response is interim.
  func refusal(isLast: Bool) -> RPCStatus? {
    if (100..<200).contains(httpStatus) || code != nil || httpStatus == 200 && isGRPC { return nil }
    let code: StatusCode =
      switch httpStatus {
      case 400: .internal
      case 401: .unauthenticated
      case 403: .permissionDenied
      case 404: .unimplemented
      case 429, 502, 503, 504: .unavailable
      default: .unknown
      }
    return RPCStatus(code: code, message: "not a gRPC response: HTTP status \(httpStatus)")
  }
}
