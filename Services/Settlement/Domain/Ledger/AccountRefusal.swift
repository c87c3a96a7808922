package import Model

/// Why an account is not changed as asked, or has no history to show.
package enum AccountRefusal: Error, Sendable, Hashable {
  case stateConflict(AccountState, AccountAction)
  /// It is the only one of its kind that the exchange has.
  case reserved(AccountKind)
  /// Its balance is not 0.
  case notEmpty(Int64)
  case hasHolds
  /// An order that is not over would pay back to it.
  case awaited
  case noOverdraft
  case capRequired
  /// It has gone this far below zero already.
  case capTooLow(lowest: Int64)
  /// It was opened without `history`.
  case noHistory

  package var reason: String {
    switch self {
    case .stateConflict: "ACCOUNT_STATE_CONFLICT"
    case .reserved: "ACCOUNT_RESERVED"
    case .notEmpty: "ACCOUNT_NOT_EMPTY"
    case .hasHolds: "ACCOUNT_HAS_HOLDS"
    case .awaited: "ACCOUNT_AWAITED"
    case .noOverdraft: "CAP_WITHOUT_OVERDRAFT"
    case .capRequired: "CAP_REQUIRED"
    case .capTooLow: "NET_DEBIT_CAP_TOO_LOW"
    case .noHistory: "HISTORY_NOT_KEPT"
    }
  }

  package var text: Text {
    switch self {
    case .stateConflict(let state, _):
      Text(
        vi: "Không thể làm việc này khi tài khoản ở trạng thái \(state.name).",
        en: "This cannot be done while the account is \(state.name).")
    case .reserved:
      Text(
        vi: "Sàn cần tài khoản này; không thể đóng.",
        en: "The exchange needs this account; it cannot be closed.")
    case .notEmpty:
      Text(vi: "Tài khoản còn số dư.", en: "The account still has a balance.")
    case .hasHolds:
      Text(vi: "Tài khoản còn khoản đang giữ.", en: "Money is still held on the account.")
    case .awaited:
      Text(
        vi: "Còn đơn hàng có thể hoàn tiền về tài khoản này.",
        en: "An order that is not over may pay back to the account.")
    case .noOverdraft:
      Text(
        vi: "Tài khoản không được ghi nợ nên không có hạn mức.",
        en: "The account may not go below zero, so it has no cap.")
    case .capRequired:
      Text(
        vi: "Tài khoản của thành viên phải có hạn mức ghi nợ.",
        en: "A participant's account needs a net debit cap above 0.")
    case .capTooLow:
      Text(
        vi: "Tài khoản đã ghi nợ vượt hạn mức này.",
        en: "The account has already gone further below zero.")
    case .noHistory:
      Text(
        vi: "Tài khoản được mở mà không lưu lịch sử số dư.",
        en: "The account was opened without a balance history.")
    }
  }

  package var metadata: [String: String] {
    switch self {
    case .stateConflict(let state, let action):
      ["account_state": state.name, "action": action.rawValue]
    case .notEmpty(let balance): ["balance": "\(balance)"]
    case .capTooLow(let lowest): ["lowest": "\(lowest)"]
    case .reserved, .hasHolds, .awaited, .noOverdraft, .capRequired, .noHistory: [:]
    }
  }
}
