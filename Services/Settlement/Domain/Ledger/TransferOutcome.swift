package import Model

/// The result of one transfer, in the order in which they are checked: the first that applies is
/// given, and that order is API. Raw values are those of the proto and of the database.
package enum TransferOutcome: Int32, Sendable, CaseIterable {
  case ok = 1
  case linkedFailed
  case chainOpen
  case shapeInvalid
  case exists
  case existsDifferent
  case accountsMustDiffer
  case debitAccountNotFound
  case creditAccountNotFound
  case holdNotFound
  case currencyMismatch
  case environmentMismatch
  case accountFrozen
  case accountClosed
  case holdCaptured
  case holdReleased
  case holdExpired
  case exceedsHold
  case overflow
  case insufficientFunds
  case netDebitCapExceeded

  /// Whether the transfer is in the ledger now: recorded by this call or by an earlier one.
  package var isSuccess: Bool { self == .ok || self == .exists }

  /// Whether the ledger decided against the transfer: kept under its id, never to flip on a retry.
  package var isLastingRefusal: Bool { rawValue >= Self.accountsMustDiffer.rawValue }

  /// The stable reason, UPPER_SNAKE.
  package var reason: String {
    switch self {
    case .ok: "OK"
    case .linkedFailed: "LINKED_FAILED"
    case .chainOpen: "CHAIN_OPEN"
    case .shapeInvalid: "SHAPE_INVALID"
    case .exists: "EXISTS"
    case .existsDifferent: "EXISTS_DIFFERENT"
    case .accountsMustDiffer: "ACCOUNTS_MUST_DIFFER"
    case .debitAccountNotFound: "DEBIT_ACCOUNT_NOT_FOUND"
    case .creditAccountNotFound: "CREDIT_ACCOUNT_NOT_FOUND"
    case .holdNotFound: "HOLD_NOT_FOUND"
    case .currencyMismatch: "CURRENCY_MISMATCH"
    case .environmentMismatch: "ENVIRONMENT_MISMATCH"
    case .accountFrozen: "ACCOUNT_FROZEN"
    case .accountClosed: "ACCOUNT_CLOSED"
    case .holdCaptured: "HOLD_CAPTURED"
    case .holdReleased: "HOLD_RELEASED"
    case .holdExpired: "HOLD_EXPIRED"
    case .exceedsHold: "EXCEEDS_HOLD"
    case .overflow: "OVERFLOW"
    case .insufficientFunds: "INSUFFICIENT_FUNDS"
    case .netDebitCapExceeded: "NET_DEBIT_CAP_EXCEEDED"
    }
  }

  /// What people read when an order's payment ends so.
  package var text: Text {
    switch self {
    case .ok: Text(vi: "Đã ghi.", en: "Recorded.")
    case .linkedFailed:
      Text(
        vi: "Một giao dịch khác trong chuỗi bị từ chối.",
        en: "Another transfer of the chain failed.")
    case .chainOpen:
      Text(vi: "Chuỗi giao dịch chưa kết thúc.", en: "The chain of transfers has no end.")
    case .shapeInvalid: Text(vi: "Giao dịch sai định dạng.", en: "The transfer is malformed.")
    case .exists: Text(vi: "Giao dịch đã được ghi.", en: "The transfer was recorded before.")
    case .existsDifferent:
      Text(vi: "Mã giao dịch đã dùng cho giao dịch khác.", en: "Another transfer has this id.")
    case .accountsMustDiffer:
      Text(vi: "Hai tài khoản phải khác nhau.", en: "The two accounts must differ.")
    case .debitAccountNotFound:
      Text(vi: "Không có tài khoản trả.", en: "There is no such account to pay from.")
    case .creditAccountNotFound:
      Text(vi: "Không có tài khoản nhận.", en: "There is no such account to pay to.")
    case .holdNotFound: Text(vi: "Không có khoản giữ này.", en: "There is no such hold.")
    case .currencyMismatch:
      Text(vi: "Loại tiền không khớp.", en: "The currencies are not the same.")
    case .environmentMismatch:
      Text(vi: "Môi trường không khớp.", en: "The environments are not the same.")
    case .accountFrozen: Text(vi: "Tài khoản đang bị phong tỏa.", en: "The account is frozen.")
    case .accountClosed: Text(vi: "Tài khoản đã đóng.", en: "The account is closed.")
    case .holdCaptured: Text(vi: "Khoản giữ đã được thu.", en: "The hold was captured.")
    case .holdReleased: Text(vi: "Khoản giữ đã được trả lại.", en: "The hold was released.")
    case .holdExpired: Text(vi: "Khoản giữ đã hết hạn.", en: "The hold has expired.")
    case .exceedsHold: Text(vi: "Vượt quá khoản giữ.", en: "It is more than the hold.")
    case .overflow:
      Text(vi: "Số tiền vượt giới hạn của tài khoản.", en: "A counter would overflow.")
    case .insufficientFunds:
      Text(vi: "Tài khoản không đủ tiền.", en: "The account does not have enough money.")
    case .netDebitCapExceeded:
      Text(vi: "Vượt hạn mức ghi nợ ròng.", en: "The account would go past its net debit cap.")
    }
  }
}

/// The result of one transfer of a batch.
package struct TransferResult: Sendable, Hashable {
  package let outcome: TransferOutcome
  /// The proto's name of the field that is malformed or differs, where that is the outcome.
  package let field: String

  package init(_ outcome: TransferOutcome, field: String = "") {
    self.outcome = outcome
    self.field = field
  }
}
