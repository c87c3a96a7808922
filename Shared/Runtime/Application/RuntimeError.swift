package import Model

/// Refusals that any service may give, whatever it is about.
package enum RuntimeError: DomainError, Equatable {
  /// The same `request_id` came before with another request.
  case requestIDReused
  /// More writes are waiting than the service takes.
  case overloaded
  /// The disk did not take the change; nothing of it happened.
  case notStored
  case shuttingDown

  package static var domain: String { "ndx" }

  package var status: StatusCode {
    switch self {
    case .requestIDReused: .alreadyExists
    case .overloaded: .resourceExhausted
    case .notStored, .shuttingDown: .unavailable
    }
  }

  package var reason: String {
    switch self {
    case .requestIDReused: "REQUEST_ID_REUSED"
    case .overloaded: "TOO_MANY_WRITES"
    case .notStored: "NOT_STORED"
    case .shuttingDown: "SHUTTING_DOWN"
    }
  }

  package var text: Text {
    switch self {
    case .requestIDReused:
      Text(
        vi: "Mã yêu cầu này đã được dùng cho một yêu cầu khác.",
        en: "This request id was used before for a different request.")
    case .overloaded:
      Text(
        vi: "Dịch vụ đang quá tải; hãy thử lại sau.",
        en: "The service has too many writes waiting; try again shortly.")
    case .notStored:
      Text(
        vi: "Không ghi được thay đổi; chưa có gì xảy ra. Hãy thử lại.",
        en: "The change could not be stored and nothing happened; try again.")
    case .shuttingDown:
      Text(vi: "Dịch vụ đang dừng; hãy thử lại.", en: "The service is shutting down; try again.")
    }
  }

  package var retryAfterMilliseconds: Int64? {
    switch self {
    case .requestIDReused: nil
    case .overloaded: 200
    case .notStored, .shuttingDown: 1_000
    }
  }
}
