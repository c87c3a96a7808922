package import Model

/// What settlement refuses, and why.
package enum SettlementError: DomainError, Hashable {
  /// There is no such order, or it is somebody else's.
  case orderNotFound(OrderID)
  /// There is no such account, or it is somebody else's.
  case accountNotFound(AccountID)
  /// There is no such invoice or credit note, or it is somebody else's.
  case invoiceNotFound(InvoiceID)
  case offerNotFound(OfferID)
  case participantUnknown(ParticipantID)
  /// The order is in a state in which this cannot be done.
  case orderState(OrderState, OrderAction)
  case agreementNotActive(AgreementState)
  case gate(GateRule)
  /// The ledger refused to move the money.
  case payment(TransferOutcome)
  case receipt(ReceiptRule)
  case dispute(DisputeRule)
  case agreementNotSuspended
  /// The provider cannot undo what the exchange did.
  case suspendedByExchange
  /// The account cannot be changed so.
  case account(AccountRefusal)
  /// What clearing refuses.
  case clearing(ClearingRule)
  /// The table of tax rules is not changed so.
  case tax(TaxRefusal)
  /// The renewal of a subscription cannot be cancelled so.
  case renewal(RenewalRefusal)
  /// What was paid out is not given back so.
  case refund(RefundRefusal)
  /// Usage is not taken in so; the sequence that is expected next, 0 when it does not matter.
  case usage(UsageRefusal, expected: Int64)
  /// Why a bank's report is refused as a whole.
  case report(ReportFault)
  case partition(PartitionRule)
  /// Only staff and the owner may see this.
  case notOwner
  /// Money in escrow moves by the rules of its order alone.
  case escrowReserved(AccountID)
  /// What a payout follows from is not in a log that enough witnesses have seen, which it waits for.
  case payoutNotWitnessed(PayoutSource)
  /// Another service that has to be asked does not answer; its name.
  case dependency(String)

  package static var domain: String { "ndx.settlement" }

  package var status: StatusCode {
    switch self {
    case .orderNotFound, .accountNotFound, .invoiceNotFound, .offerNotFound, .participantUnknown:
      .notFound
    case .tax(.unknownVersion): .notFound
    case .partition(let rule): rule.status
    case .clearing(let rule): rule.status
    case .orderState, .agreementNotActive, .gate, .payment, .receipt, .account,
      .agreementNotSuspended, .tax, .usage, .renewal, .refund:
      .failedPrecondition
    case .dispute(let rule): rule.status
    case .notOwner, .escrowReserved, .suspendedByExchange: .permissionDenied
    case .report(let fault): fault.rule.status
    case .dependency, .payoutNotWitnessed: .unavailable
    }
  }

  package var reason: String {
    switch self {
    case .orderNotFound: "ORDER_NOT_FOUND"
    case .accountNotFound: "ACCOUNT_NOT_FOUND"
    case .invoiceNotFound: "INVOICE_NOT_FOUND"
    case .offerNotFound: "OFFER_NOT_FOUND"
    case .participantUnknown: "PARTICIPANT_NOT_FOUND"
    case .orderState: "ORDER_STATE_CONFLICT"
    case .agreementNotActive: "AGREEMENT_NOT_ACTIVE"
    case .gate(let rule): rule.rawValue
    case .payment(let outcome): outcome.reason
    case .receipt(let rule): rule.rawValue
    case .account(let refusal): refusal.reason
    case .clearing(let rule): rule.rawValue
    case .tax(let refusal): refusal.rawValue
    case .usage(let refusal, _): refusal.rawValue
    case .renewal(let refusal): refusal.rawValue
    case .refund(let refusal): refusal.rawValue
    case .dispute(let rule): rule.rawValue
    case .agreementNotSuspended: "AGREEMENT_NOT_SUSPENDED"
    case .suspendedByExchange: "AGREEMENT_SUSPENDED_BY_EXCHANGE"
    case .report(let fault): fault.rule.rawValue
    case .partition(let rule): rule.reason
    case .notOwner: "NOT_OWNER"
    case .escrowReserved: "ESCROW_RESERVED"
    case .payoutNotWitnessed: "PAYOUT_NOT_WITNESSED"
    case .dependency: "DEPENDENCY_UNAVAILABLE"
    }
  }

  package var text: Text {
    switch self {
    case .orderNotFound: Text(vi: "Không có đơn hàng này.", en: "There is no such order.")
    case .accountNotFound: Text(vi: "Không có tài khoản này.", en: "There is no such account.")
    case .invoiceNotFound: Text(vi: "Không có hóa đơn này.", en: "There is no such invoice.")
    case .offerNotFound: Text(vi: "Không có chào bán này.", en: "There is no such offer.")
    case .participantUnknown:
      Text(vi: "Không có thành viên này.", en: "There is no such participant.")
    case .orderState(let state, _):
      Text(
        vi: "Không thể làm việc này khi đơn hàng ở trạng thái \(state.name).",
        en: "This cannot be done while the order is \(state.name).")
    case .agreementNotActive:
      Text(vi: "Thỏa thuận không còn hiệu lực.", en: "The agreement is not active.")
    case .gate(let rule): rule.text
    case .payment(let outcome): outcome.text
    case .receipt(let rule): rule.text
    case .account(let refusal): refusal.text
    case .clearing(let rule): rule.text
    case .tax(let refusal): refusal.text
    case .usage(let refusal, _): refusal.text
    case .renewal(let refusal): refusal.text
    case .refund(let refusal): refusal.text
    case .dispute(let rule): rule.text
    case .agreementNotSuspended:
      Text(vi: "Thỏa thuận không bị tạm ngừng.", en: "The agreement is not suspended.")
    case .suspendedByExchange:
      Text(
        vi: "Sàn đã tạm ngừng thỏa thuận này; chỉ sàn mới cho tiếp tục được.",
        en: "The exchange suspended this agreement; only the exchange resumes it.")
    case .report(let fault): fault.rule.text
    case .partition(let rule): rule.text
    case .notOwner:
      Text(vi: "Chỉ chủ sở hữu mới được xem.", en: "Only the owner may see this.")
    case .escrowReserved:
      Text(
        vi: "Tiền ký quỹ chỉ được chuyển theo đơn hàng.",
        en: "Money in escrow moves by its order only.")
    case .payoutNotWitnessed:
      Text(
        vi: "Khoản thanh toán này còn chờ các nhân chứng xác nhận nhật ký; hãy thử lại.",
        en: "This payout waits until witnesses have confirmed the log; try again.")
    case .dependency(let name):
      Text(
        vi: "Dịch vụ \(name) chưa trả lời; hãy thử lại.",
        en: "The \(name) service does not answer; try again.")
    }
  }

  package var metadata: [String: String] {
    switch self {
    case .orderNotFound(let id): ["order": id.description]
    case .accountNotFound(let id), .escrowReserved(let id): ["account": id.description]
    case .invoiceNotFound(let id): ["invoice": id.description]
    case .offerNotFound(let id): ["offer": id.description]
    case .participantUnknown(let id): ["participant": id.description]
    case .orderState(let state, let action): ["state": state.name, "action": action.rawValue]
    case .agreementNotActive(let state): ["agreement_state": "\(state)".uppercased()]
    case .gate(let rule): ["gate": rule.gate.rawValue, "rule": rule.rawValue]
    case .payment(let outcome): ["outcome": outcome.reason]
    case .receipt(let rule): ["rule": rule.rawValue]
    case .account(let refusal): refusal.metadata
    case .clearing(let rule): ["rule": rule.rawValue]
    case .dispute(let rule): ["rule": rule.rawValue]
    case .usage(_, let expected): expected > 0 ? ["expected_sequence": "\(expected)"] : [:]
    case .notOwner, .tax, .renewal, .refund, .agreementNotSuspended, .suspendedByExchange: [:]
    case .report(let fault): ["line": "\(fault.line)", "element": fault.element]
    case .partition(let rule): rule.metadata
    case .payoutNotWitnessed(let source): source.metadata
    case .dependency(let name): ["service": name]
    }
  }

  package var retryAfterMilliseconds: Int64? {
    switch self {
    case .dependency: 1_000
    case .payoutNotWitnessed: 5_000
    default: nil
    }
  }
}
