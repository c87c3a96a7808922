package import Model

extension ConnectorError {
  package var text: Text {
    switch self {
    case .grantInvalid(let rule):
      Text(vi: "Quyền truy cập không hợp lệ: \(rule).", en: "The grant is not valid: \(rule).")
    case .grantExpired: Text(vi: "Quyền truy cập đã hết hạn.", en: "The grant has expired.")
    case .agreementNotActive:
      Text(
        vi: "Thỏa thuận đã bị tạm ngừng hoặc chấm dứt.",
        en: "The agreement was suspended or has ended.")
    case .grantOfAnother:
      Text(
        vi: "Quyền truy cập được cấp cho chứng thư khác.",
        en: "The grant was issued to another certificate.")
    case .revisionNotServed(let id):
      Text(
        vi: "Phiên bản \(id) không được cung cấp tại đây.",
        en: "Revision \(id) is not served here.")
    case .fileNotFound(let path):
      Text(vi: "Phiên bản không có tệp \(path).", en: "The revision holds no file \(path).")
    case .offsetOutOfRange(let size):
      Text(vi: "Tệp chỉ có \(size) byte.", en: "The file has only \(size) bytes.")
    case .contentChanged(let path):
      Text(
        vi: "Tệp \(path) không còn khớp với bản kê đã công bố.",
        en: "The file \(path) is no longer what the published manifest says.")
    case .contentMissing(let path):
      Text(vi: "Không đọc được tệp \(path).", en: "The file \(path) cannot be read.")
    case .quotaExceeded(let quota):
      Text(
        vi: "Đã dùng hết \(quota) byte mà quyền truy cập cho phép.",
        en: "The \(quota) bytes that the grant allows are used up.")
    case .statementMismatch(let field):
      Text(
        vi: "Biên nhận không khớp với quyền truy cập: \(field).",
        en: "The statement does not agree with the grant: \(field).")
    case .signatureInvalid(let reason):
      Text(
        vi: "Chữ ký của bên nhận không được chấp nhận: \(reason).",
        en: "The consumer's signature is not accepted: \(reason).")
    case .contentNotServed(let path):
      Text(
        vi: "Tệp \(path) chưa được giao đủ theo thỏa thuận này.",
        en: "The file \(path) has not been sent whole under this agreement.")
    case .receiptIDReused:
      Text(
        vi: "Mã này đã được dùng cho một biên nhận khác.",
        en: "This id was used before for a different receipt.")
    case .grantKeysUnavailable:
      Text(
        vi: "Chưa lấy được khóa để kiểm tra quyền truy cập; hãy thử lại.",
        en: "The keys that verify grants cannot be had now; try again.")
    case .manifestUnavailable:
      Text(
        vi: "Chưa lấy được bản kê của phiên bản; hãy thử lại.",
        en: "The manifest of the revision cannot be had now; try again.")
    }
  }
}
