package import Model

/// Why a caller is turned away before its request is looked at.
package enum AccessError: DomainError, Hashable {
  case certificateRequired
  case certificateExpired
  case credentialRevoked
  /// The certificate is not one of this exchange's.
  case certificateUnknown
  case tokenMissing
  case tokenInvalid
  case tokenExpired
  case roleRequired
  case serviceRequired
  case revocationViewStale

  package static var domain: String { "ndx" }

  package var status: StatusCode {
    switch self {
    case .roleRequired, .serviceRequired: .permissionDenied
    case .revocationViewStale: .unavailable
    default: .unauthenticated
    }
  }

  package var reason: String {
    switch self {
    case .certificateRequired: "CERTIFICATE_REQUIRED"
    case .certificateExpired: "CERTIFICATE_EXPIRED"
    case .credentialRevoked: "CREDENTIAL_REVOKED"
    case .certificateUnknown: "CERTIFICATE_UNKNOWN"
    case .tokenMissing: "TOKEN_MISSING"
    case .tokenInvalid: "TOKEN_INVALID"
    case .tokenExpired: "TOKEN_EXPIRED"
    case .roleRequired: "ROLE_REQUIRED"
    case .serviceRequired: "SERVICE_REQUIRED"
    case .revocationViewStale: "REVOCATION_VIEW_STALE"
    }
  }

  package var text: Text {
    switch self {
    case .certificateRequired:
      Text(
        vi: "Lời gọi này cần chứng thư của bên gọi.", en: "This call needs a client certificate.")
    case .certificateExpired:
      Text(vi: "Chứng thư của bên gọi đã hết hạn.", en: "The caller's certificate has expired.")
    case .credentialRevoked:
      Text(
        vi: "Chứng thư đã bị thu hồi hoặc bên tham gia đã bị đình chỉ.",
        en: "The certificate was revoked or the participant is stopped.")
    case .certificateUnknown:
      Text(
        vi: "Chứng thư không thuộc sàn dữ liệu này.",
        en: "The certificate does not belong to this exchange.")
    case .tokenMissing:
      Text(
        vi: "Thiếu mã truy cập trong trường authorization.",
        en: "The access token is missing from the authorization field.")
    case .tokenInvalid:
      Text(vi: "Mã truy cập không hợp lệ.", en: "The access token is not valid for this call.")
    case .tokenExpired:
      Text(vi: "Mã truy cập đã hết hạn.", en: "The access token has expired.")
    case .roleRequired:
      Text(
        vi: "Bên gọi không có vai trò mà lời gọi này yêu cầu.",
        en: "The caller does not hold a role that this call requires.")
    case .serviceRequired:
      Text(
        vi: "Lời gọi này chỉ dành cho các dịch vụ của sàn.",
        en: "Only services of the exchange may make this call.")
    case .revocationViewStale:
      Text(
        vi: "Dịch vụ chưa biết các thu hồi mới nhất; hãy thử lại sau.",
        en: "The service does not know the latest revocations; try again shortly.")
    }
  }

  package var retryAfterMilliseconds: Int64? { self == .revocationViewStale ? 2_000 : nil }
}
