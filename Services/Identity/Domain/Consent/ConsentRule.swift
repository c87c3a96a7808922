package import Model

/// What is refused of consents.
package enum ConsentRule: Sendable, Hashable {
  /// There is no such consent, or it is between others.
  case notFound
  case stateConflict(IdentityV1.ConsentState)
  case partiesNotDistinct
  case environmentMismatch
  case subjectNotCitizen
  case providerNotProvider
  case periodInvalid
  case frequencyMismatch
  case certificateNotCallers
  case signatureInvalid
  case notGiven
  case notYetValid
  case paused
  case withdrawn
  case expired
  /// Another order has used it, or others have used up its period.
  case used

  package var status: StatusCode {
    switch self {
    case .notFound: .notFound
    case .periodInvalid, .frequencyMismatch: .invalidArgument
    case .certificateNotCallers, .signatureInvalid: .permissionDenied
    case .stateConflict, .partiesNotDistinct, .environmentMismatch, .subjectNotCitizen,
      .providerNotProvider, .notGiven, .notYetValid, .paused, .withdrawn, .expired, .used:
      .failedPrecondition
    }
  }

  package var reason: String {
    switch self {
    case .notFound: "CONSENT_NOT_FOUND"
    case .stateConflict: "CONSENT_STATE_CONFLICT"
    case .partiesNotDistinct: "CONSENT_PARTIES_NOT_DISTINCT"
    case .environmentMismatch: "CONSENT_ENVIRONMENT_MISMATCH"
    case .subjectNotCitizen: "CONSENT_SUBJECT_NOT_CITIZEN"
    case .providerNotProvider: "CONSENT_PROVIDER_NOT_PROVIDER"
    case .periodInvalid: "CONSENT_PERIOD_INVALID"
    case .frequencyMismatch: "CONSENT_FREQUENCY_MISMATCH"
    case .certificateNotCallers: "CONSENT_CERTIFICATE_NOT_CALLERS"
    case .signatureInvalid: "CONSENT_SIGNATURE_INVALID"
    case .notGiven: "CONSENT_NOT_GIVEN"
    case .notYetValid: "CONSENT_NOT_YET_VALID"
    case .paused: "CONSENT_PAUSED"
    case .withdrawn: "CONSENT_WITHDRAWN"
    case .expired: "CONSENT_EXPIRED"
    case .used: "CONSENT_USED"
    }
  }

  package var text: Text {
    switch self {
    case .notFound: Text(vi: "Không có sự đồng ý này.", en: "There is no such consent.")
    case .stateConflict(let state):
      Text(
        vi: "Không thể làm việc này khi sự đồng ý ở trạng thái \(Self.name(state)).",
        en: "This cannot be done while the consent is \(Self.name(state)).")
    case .partiesNotDistinct:
      Text(
        vi: "Chủ thể dữ liệu, bên cung cấp và bên sử dụng phải là ba bên khác nhau.",
        en: "The person, the provider and the consumer must be three different parties.")
    case .environmentMismatch:
      Text(
        vi: "Các bên không cùng một môi trường.", en: "The parties are not of one environment.")
    case .subjectNotCitizen:
      Text(
        vi: "Chỉ công dân mới cho phép dùng dữ liệu về mình.",
        en: "Only a citizen consents to the use of data about themselves.")
    case .providerNotProvider:
      Text(
        vi: "Bên giữ dữ liệu không phải là bên cung cấp.",
        en: "Whoever is to hold the data is not a provider.")
    case .periodInvalid:
      Text(
        vi: "Thời hạn phải kết thúc sau khi bắt đầu, trong tương lai và trong vòng mười năm.",
        en: "It must end after it starts, in the future and within ten years.")
    case .frequencyMismatch:
      Text(
        vi: "Chỉ sự đồng ý PERIODIC mới có tần suất, và phải có.",
        en: "A PERIODIC consent has a frequency, and no other does.")
    case .certificateNotCallers:
      Text(
        vi: "Chứng thư không phải của kết nối này.",
        en: "The certificate is not the one of this connection.")
    case .signatureInvalid:
      Text(
        vi: "Chữ ký không khớp với nội dung sự đồng ý.",
        en: "The signature does not fit what is consented to.")
    case .notGiven: Text(vi: "Chủ thể dữ liệu chưa đồng ý.", en: "The person has not consented.")
    case .notYetValid:
      Text(vi: "Sự đồng ý chưa có hiệu lực.", en: "The consent is not valid yet.")
    case .paused:
      Text(vi: "Chủ thể dữ liệu đã tạm dừng sự đồng ý.", en: "The person has paused the consent.")
    case .withdrawn:
      Text(vi: "Chủ thể dữ liệu đã rút sự đồng ý.", en: "The person has withdrawn the consent.")
    case .expired: Text(vi: "Sự đồng ý đã hết hạn.", en: "The consent has expired.")
    case .used:
      Text(
        vi: "Sự đồng ý đã được dùng hết cho đơn hàng khác.",
        en: "Other orders have used the consent up.")
    }
  }

  package var metadata: [String: String] {
    guard case .stateConflict(let state) = self else { return [:] }
    return ["state": Self.name(state)]
  }

  /// The field of the request that is at fault, for what is wrong whatever the state.
  package var field: String? {
    switch self {
    case .periodInvalid: "expire_time"
    case .frequencyMismatch: "frequency"
    default: nil
    }
  }

  private static func name(_ state: IdentityV1.ConsentState) -> String {
    String((state.protoName ?? "").dropFirst("CONSENT_STATE_".count))
  }
}
