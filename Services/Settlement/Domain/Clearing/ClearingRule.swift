package import Model

/// What clearing refuses. The raw value is the stable reason.
package enum ClearingRule: String, Error, Sendable, Hashable, CaseIterable {
  case windowNotFound = "WINDOW_NOT_FOUND"
  case windowState = "WINDOW_STATE_CONFLICT"
  case notTheOpenWindow = "WINDOW_NOT_OPEN"
  case windowReserved = "WINDOW_RESERVED"
  case unbalanced = "WINDOW_UNBALANCED"
  case payInsMissing = "PAY_INS_MISSING"
  case payOutsSent = "PAY_OUTS_SENT"
  case legNotFound = "LEG_NOT_FOUND"
  case legFinal = "LEG_FINAL"
  case memberAccount = "MEMBER_ACCOUNT_UNSUITABLE"
  case memberAccountFixed = "MEMBER_ACCOUNT_FIXED"
  case bicInvalid = "BIC_INVALID"
  case bankNotSet = "CLEARING_BANK_NOT_SET"
  case nothingToSend = "NOTHING_TO_SEND"
  case directionNotOfFormat = "DIRECTION_NOT_OF_FORMAT"
  case statementTooLong = "STATEMENT_TOO_LONG"
  case windowOpen = "WINDOW_STILL_OPEN"

  package var status: StatusCode {
    switch self {
    case .windowNotFound, .legNotFound: .notFound
    case .windowReserved: .permissionDenied
    default: .failedPrecondition
    }
  }

  package var text: Text {
    switch self {
    case .windowNotFound:
      Text(vi: "Không có phiên bù trừ này.", en: "There is no such clearing window.")
    case .windowState:
      Text(
        vi: "Không thể làm việc này ở trạng thái hiện tại của phiên.",
        en: "This cannot be done in the window's state.")
    case .notTheOpenWindow:
      Text(vi: "Phiên này không còn mở.", en: "This window is not the open one.")
    case .windowReserved:
      Text(
        vi: "Chỉ bù trừ mới ghi phiên vào giao dịch.",
        en: "Only clearing puts a window on a transfer.")
    case .unbalanced:
      Text(
        vi: "Tổng vị thế của phiên không bằng 0.",
        en: "The positions of the window do not sum to zero.")
    case .payInsMissing:
      Text(vi: "Còn thiếu khoản nộp.", en: "Pay-ins are missing.")
    case .payOutsSent:
      Text(
        vi: "Đã gửi lệnh chi; không thể hủy nữa.",
        en: "Pay-outs were sent; it cannot be called off any more.")
    case .legNotFound:
      Text(
        vi: "Thành viên không có khoản thanh toán trong phiên này.",
        en: "The member has no payment in this window.")
    case .legFinal: Text(vi: "Khoản thanh toán đã hoàn tất.", en: "The payment is final already.")
    case .memberAccount:
      Text(
        vi: "Tài khoản phải là tài khoản thành viên đang mở của chính thành viên đó.",
        en: "The account must be an open PARTICIPANT account of the member.")
    case .memberAccountFixed:
      Text(
        vi: "Thành viên đã bù trừ bằng tài khoản khác.",
        en: "The member settles net with another account already.")
    case .bankNotSet:
      Text(
        vi: "Sàn chưa khai báo tài khoản ngân hàng bù trừ.",
        en:
          "The exchange's own bank account is not set: clearing-name, clearing-bic, clearing-account."
      )
    case .nothingToSend:
      Text(
        vi: "Không còn khoản nào để gửi ở dạng này.",
        en: "No payment is left to be sent in this form.")
    case .directionNotOfFormat:
      Text(vi: "pain.001 chỉ dùng cho khoản chi.", en: "pain.001 is for pay-outs only.")
    case .statementTooLong:
      Text(
        vi: "Sao kê quá dài; hãy chọn khoảng thời gian ngắn hơn.",
        en: "The statement is too long; ask for a shorter range.")
    case .windowOpen:
      Text(
        vi: "Phiên chưa đóng; hãy lấy sao kê theo thời gian.",
        en: "The window is still open; ask for a range of time.")
    case .bicInvalid: Text(vi: "Mã BIC không hợp lệ.", en: "The BIC is not valid.")
    }
  }
}
