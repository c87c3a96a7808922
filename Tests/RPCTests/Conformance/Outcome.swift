/// The error codes of HTTP/2 (RFC 9113, 7).
enum ErrorCode: UInt32, Sendable {
  case noError, protocolError, internalError, flowControlError, settingsTimeout, streamClosed
  case frameSizeError, refusedStream, cancel, compressionError, connectError, enhanceYourCalm
  case inadequateSecurity, http11Required

  /// As the RFC writes it.
  var name: String {
    switch self {
    case .noError: "NO_ERROR"
    case .protocolError: "PROTOCOL_ERROR"
    case .internalError: "INTERNAL_ERROR"
    case .flowControlError: "FLOW_CONTROL_ERROR"
    case .settingsTimeout: "SETTINGS_TIMEOUT"
    case .streamClosed: "STREAM_CLOSED"
    case .frameSizeError: "FRAME_SIZE_ERROR"
    case .refusedStream: "REFUSED_STREAM"
    case .cancel: "CANCEL"
    case .compressionError: "COMPRESSION_ERROR"
    case .connectError: "CONNECT_ERROR"
    case .enhanceYourCalm: "ENHANCE_YOUR_CALM"
    case .inadequateSecurity: "INADEQUATE_SECURITY"
    case .http11Required: "HTTP_1_1_REQUIRED"
    }
  }
}

/// What an endpoint made of a case's frames.
enum Outcome: Hashable, Sendable, CustomStringConvertible {
  /// GOAWAY with the code, then the end of the connection.
  case connectionError(ErrorCode)
  /// GOAWAY with the code, and the connection stayed open.
  case halfConnectionError(ErrorCode)
  /// RST_STREAM with the code; the connection goes on.
  case streamError(ErrorCode)
  /// The end of the connection without an error.
  case closed
  /// Nothing but the answer to a PING.
  case goesOn
  /// Header fields of a response.
  case response
  /// A first DATA frame of this length.
  case data(Int)
  /// SETTINGS with ACK.
  case settingsAcknowledged
  /// The server's own SETTINGS.
  case settings
  case silence
  /// An error code that RFC 9113 does not define.
  case unknownError(UInt32)

  var description: String {
    switch self {
    case .connectionError(let code): "connection error \(code.name)"
    case .halfConnectionError(let code): "GOAWAY \(code.name), but no close"
    case .streamError(let code): "stream error \(code.name)"
    case .closed: "close"
    case .goesOn: "goes on"
    case .response: "response"
    case .data(let count): "DATA of \(count) B"
    case .settingsAcknowledged: "SETTINGS ACK"
    case .settings: "SETTINGS"
    case .silence: "silence"
    case .unknownError(let code): "error \(code)"
    }
  }
}

/// The outcomes a case may have, the most natural first.
struct Expectation: Sendable {
  let accepted: [Outcome]

  static func connectionError(_ codes: ErrorCode...) -> Expectation {
    Expectation(accepted: codes.map { .connectionError($0) } + [.closed])
  }

  /// A stream error, which an endpoint may treat as a connection error (RFC 9113, 5.4).
  static func streamError(_ codes: ErrorCode...) -> Expectation {
    let errors: [Outcome] = codes.map { .streamError($0) } + codes.map { .connectionError($0) }
    return Expectation(accepted: errors + [.closed])
  }

  static func exactly(_ outcomes: Outcome...) -> Expectation { Expectation(accepted: outcomes) }

  static let goesOn = Expectation(accepted: [.goesOn])
  static let goesOnOrCloses = Expectation(accepted: [.goesOn, .closed])
  static let response = Expectation(accepted: [.response])
  static func data(_ count: Int) -> Expectation { Expectation(accepted: [.data(count)]) }
}

extension Expectation: CustomStringConvertible {
  var description: String { accepted.map(\.description).joined(separator: ", or ") }
}
