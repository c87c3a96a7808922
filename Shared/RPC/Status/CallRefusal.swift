import Model

/// Why the runtime itself refuses or ends a call, before or instead of a handler.
enum CallRefusal: DomainError, Hashable {
  case unknownMethod(path: String)
  case unsupportedCompression(String)
  case unsupportedFormat(String)
  case malformedRequest(String)
  case malformedTimeout
  case headersTooLong(limit: Int)
  case messageTooLong(announced: Int, limit: Int)
  case wrongNumberOfRequests
  case certificateExpired
  case overloaded
  case deadlinePassed
  case shuttingDown

  static let domain = "ndx"

  init(_ fault: MessageFault) {
    switch fault {
    case .invalidFlag, .compressed: self = .malformedRequest("message prefix")
    case .corrupt: self = .malformedRequest("gzip")
    case .tooLong(let announced, let limit):
      self = .messageTooLong(announced: announced, limit: limit)
    }
  }

  var status: StatusCode {
    switch self {
    case .unknownMethod, .unsupportedCompression, .unsupportedFormat, .wrongNumberOfRequests:
      .unimplemented
    case .malformedRequest: .internal
    case .malformedTimeout: .invalidArgument
    case .headersTooLong, .messageTooLong, .overloaded: .resourceExhausted
    case .certificateExpired: .unauthenticated
    case .deadlinePassed: .deadlineExceeded
    case .shuttingDown: .unavailable
    }
  }

  var reason: String {
    switch self {
    case .unknownMethod: "UNKNOWN_METHOD"
    case .unsupportedCompression: "UNSUPPORTED_COMPRESSION"
    case .unsupportedFormat: "UNSUPPORTED_FORMAT"
    case .malformedRequest: "MALFORMED_CALL"
    case .malformedTimeout: "MALFORMED_TIMEOUT"
    case .headersTooLong: "HEADERS_TOO_LONG"
    case .messageTooLong: "MESSAGE_TOO_LONG"
    case .wrongNumberOfRequests: "WRONG_NUMBER_OF_REQUESTS"
    case .certificateExpired: "CERTIFICATE_EXPIRED"
    case .overloaded: "OVERLOADED"
    case .deadlinePassed: "DEADLINE_PASSED"
    case .shuttingDown: "SHUTTING_DOWN"
    }
  }

  var text: Text {
    switch self {
    case .unknownMethod(let path):
      Text(vi: "Không có phương thức \(path).", en: "There is no method \(path).")
    case .unsupportedCompression(let name):
      Text(
        vi: "Không hỗ trợ kiểu nén \(name).", en: "The compression \(name) is not supported.")
    case .unsupportedFormat(let name):
      Text(
        vi: "Không hỗ trợ định dạng thông điệp \(name).",
        en: "The message format \(name) is not supported.")
    case .malformedRequest(let part):
      Text(
        vi: "Lời gọi không đúng giao thức gRPC: \(part).",
        en: "The call does not follow the gRPC protocol: \(part).")
    case .malformedTimeout:
      Text(
        vi: "grpc-timeout phải gồm 1–8 chữ số và một đơn vị.",
        en: "grpc-timeout must be 1 to 8 digits and a unit.")
    case .headersTooLong(let limit):
      Text(
        vi: "Phần đầu của lời gọi dài hơn \(limit) byte.",
        en: "The header fields are longer than \(limit) bytes.")
    case .messageTooLong(let announced, let limit):
      Text(
        vi: "Thông điệp \(announced) byte dài hơn giới hạn \(limit) byte.",
        en: "The message of \(announced) bytes is longer than the limit of \(limit) bytes.")
    case .wrongNumberOfRequests:
      Text(
        vi: "Phương thức này nhận đúng một thông điệp.",
        en: "This method takes exactly one request message.")
    case .certificateExpired:
      Text(
        vi: "Chứng thư của bên gọi đã hết hạn.", en: "The caller's certificate has expired.")
    case .overloaded:
      Text(
        vi: "Dịch vụ đang quá tải, hãy thử lại sau.",
        en: "The service is overloaded; try again later.")
    case .deadlinePassed:
      Text(vi: "Đã quá thời hạn của lời gọi.", en: "The deadline of the call has passed.")
    case .shuttingDown:
      Text(vi: "Dịch vụ đang dừng.", en: "The service is shutting down.")
    }
  }

  var retryAfterMilliseconds: Int64? {
    switch self {
    case .overloaded: 200
    case .shuttingDown: 1000
    default: nil
    }
  }
}
