package import Model

extension IdentityError {
  package var text: Text {
    switch self {
    case .consent(let rule): rule.text
    case .routing(.nameNotUsable, _):
      Text(
        vi: "Tên phân vùng bị trùng hoặc không hợp lệ.",
        en: "The partition's name is taken or has characters that it may not have.")
    case .routing(.scopeInvalid, _):
      Text(
        vi: "Loại tiền hoặc dải của phân vùng không hợp lệ.",
        en: "A currency or range of the partition is not valid.")
    case .routing(.overlap, _):
      Text(
        vi: "Hai phân vùng cùng sở hữu một phần.", en: "Two partitions own the same.")
    case .routing(.gap, _):
      Text(
        vi: "Có người trả tiền không thuộc phân vùng nào.",
        en: "Some payers of a currency and environment have no partition.")
    case .routingVersionStale:
      Text(
        vi: "Bảng định tuyến đã thay đổi; hãy đọc lại.",
        en: "The routing table has changed since; read it again.")
    case .participantNotFound:
      Text(vi: "Không có bên tham gia này.", en: "There is no such participant.")
    case .legalIDTaken:
      Text(
        vi: "Mã số pháp lý này đã được đăng ký trong môi trường này.",
        en: "This legal id is already registered in this environment.")
    case .kindNotRegistrable:
      Text(
        vi: "Nhân viên của sàn không đăng ký qua lời gọi này.",
        en: "Operators of the exchange are not registered by this call.")
    case .illegalTransition(let from, let to):
      Text(
        vi: "Bên tham gia ở trạng thái \(name(from)), không thể chuyển sang \(name(to)).",
        en: "The participant is in \(name(from)), from where it cannot become \(name(to)).")
    case .secondPersonRequired:
      Text(
        vi: "Người đã xác minh không được tự phê duyệt; cần người thứ hai.",
        en: "Whoever verified may not also approve; a second person is required.")
    case .participantNotActive(let state):
      Text(
        vi: "Bên tham gia không hoạt động: trạng thái là \(name(state)).",
        en: "The participant is not active: its state is \(name(state)).")
    case .notYourParticipant:
      Text(
        vi: "Chỉ được thực hiện cho bên tham gia của chính mình.",
        en: "This may be done for the caller's own participant only.")
    case .roleNotApplicable(let role):
      Text(
        vi: "Không thể xin vai trò \(name(role)); chỉ PROVIDER, CONSUMER hoặc CITIZEN.",
        en: "\(name(role)) cannot be asked for; only PROVIDER, CONSUMER and CITIZEN can.")
    case .roleNotFit(let role):
      Text(
        vi: "Loại bên tham gia này không được giữ vai trò \(name(role)).",
        en: "A participant of this kind may not hold \(name(role)).")
    case .roleAlreadyBound(let role):
      Text(
        vi: "Bên tham gia đã có vai trò \(name(role)).",
        en: "The participant already holds \(name(role)).")
    case .roleNotBound(let role):
      Text(
        vi: "Bên tham gia không có vai trò \(name(role)).",
        en: "The participant does not hold \(name(role)).")
    case .ownRoles:
      Text(
        vi: "Không ai được tự thay đổi vai trò của mình.", en: "Nobody may change their own roles.")
    case .staffEnrolment:
      Text(
        vi: "Nhân viên của sàn chỉ được ghi danh qua lệnh bootstrap hoặc bởi chính họ.",
        en: "Staff of the exchange are enrolled by its bootstrap, or by themselves.")
    case .epochUnknown:
      Text(
        vi: "Bên gọi biết nhiều thu hồi hơn dịch vụ này; có thể dữ liệu cũ đã được khôi phục.",
        en: "The caller knows more revocations than this service does; was an old backup restored?")
    case .enrolmentTokenUnknown:
      Text(vi: "Mã ghi danh không tồn tại.", en: "There is no such enrolment token.")
    case .enrolmentTokenUsed:
      Text(vi: "Mã ghi danh đã được sử dụng.", en: "The enrolment token was used before.")
    case .enrolmentTokenExpired:
      Text(vi: "Mã ghi danh đã hết hạn.", en: "The enrolment token has expired.")
    case .signingRequestInvalid:
      Text(
        vi: "Không phải yêu cầu cấp chứng thư PKCS #10 hợp lệ.",
        en: "It is not a valid PKCS #10 request signed by its own key.")
    case .keyNotAcceptable:
      Text(
        vi: "Khóa phải thuộc đường cong P-256, hoặc RSA từ 3072 bit.",
        en: "The key must be on P-256, or RSA of at least 3072 bits.")
    case .hostNotValid:
      Text(vi: "Không phải tên DNS hay địa chỉ IP.", en: "It is neither a DNS name nor an address.")
    case .lifetimeOutOfRange:
      Text(
        vi: "Thời hạn phải từ 300 đến 86400 giây.",
        en: "The lifetime must be from 300 to 86400 seconds.")
    case .credentialNotFound:
      Text(vi: "Không có chứng thư này.", en: "There is no such credential.")
    case .credentialAlreadyRevoked:
      Text(vi: "Chứng thư đã bị thu hồi.", en: "The credential is already revoked.")
    case .credentialNotRenewable:
      Text(
        vi: "Chứng thư đã hết hạn hoặc bị thu hồi; hãy ghi danh lại.",
        en: "The credential is expired or revoked; enrol again.")
    case .audienceUnknown:
      Text(
        vi: "Phải là identity, catalog, settlement hoặc audit.",
        en: "It must be identity, catalog, settlement or audit.")
    case .tooManyAttempts:
      Text(
        vi: "Quá nhiều yêu cầu từ địa chỉ này; hãy thử lại sau.",
        en: "Too many requests from this address; try again shortly.")
    case .noIssuer:
      Text(
        vi: "Chưa có cơ quan cấp chứng thư còn hiệu lực.",
        en: "There is no valid issuing authority; the operator must renew it.")
    }
  }

  /// The last words of a value's name in the protos: "SUSPENDED", "SECURITY_OFFICER".
  private func name(_ value: some ProtoEnum) -> String {
    var name = value.protoName ?? "?"
    for prefix in ["PARTICIPANT_STATE_", "ROLE_"] where name.hasPrefix(prefix) {
      name.removeFirst(prefix.count)
    }
    return name
  }
}
