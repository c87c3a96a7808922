import Crypto
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension ClearingHandler {
  /// What was not sent yet makes a new file; when all was, the last file comes again as it was.
  /// - Throws: `SettlementError.payoutNotWitnessed` for pay-outs above the limit until witnesses have seen the window's end.
  func exportPayments(
    _ request: SettlementV1.ExportPaymentsRequest, _ context: CallContext
  ) async throws -> SettlementV1.ExportPaymentsResponse {
    let closing =
      request.direction == .payOut
      ? try await witness?.closing(of: request.windowID, context) : nil
    return try await transactor.mutate(request, context) { [self] transaction in
      let clearing = Clearing(ledger, transaction)
      let (window, summary) = try clearing.load(request.windowID)
      guard let format = PaymentFormat(rawValue: request.format.rawValue),
        let direction = LegDirection(rawValue: request.direction.rawValue),
        format == .pacs009 || direction == .payOut
      else { throw SettlementError.clearing(.directionNotOfFormat) }
      let files = FileTable(transaction.db)
      let table = LegTable(transaction.db)
      let pending = try table.all(of: window.id).filter {
        $0.direction == direction && $0.state == .pending
      }
      if pending.isEmpty {
        guard let last = try files.last(window.id, format, direction) else {
          throw SettlementError.clearing(.nothingToSend)
        }
        return SettlementV1.ExportPaymentsResponse(last)
      }
      try window.requireClearing { (window) throws(ClearingRule) in
        try window.requireSending(direction, summary)
      }
      try ledger.payoutLimits.check(pending, of: window, closing)
      let file = try file(
        window, format, direction, Array(pending.prefix(PaymentFile.limit)), transaction)
      let content = file.content
      let stored = FileTable.Stored(
        messageID: file.messageID, content: content, digest: Digest.sha256(of: content),
        payments: Int32(file.payments.count))
      try files.insert(file, stored)
      for payment in file.payments {
        var leg = payment.leg
        leg.send()
        try table.update(leg)
      }
      try transaction.emit(
        AuditEvent(
          "window.exported", window,
          [
            "message": file.messageID, "sha256": stored.digest.hex,
            "direction": direction.name, "payments": "\(stored.payments)",
          ]))
      return SettlementV1.ExportPaymentsResponse(stored)
    }
  }

  private func file(
    _ window: ClearingWindow, _ format: PaymentFormat, _ direction: LegDirection, _ legs: [Leg],
    _ transaction: Transaction
  ) throws -> PaymentFile {
    let bank = settings.bank
    guard ClearingMember.isBIC(bank.bic), !bank.name.isEmpty, !bank.account.isEmpty else {
      throw SettlementError.clearing(.bankNotSet)
    }
    let members = MemberTable(transaction.db)
    let payments = try legs.map { leg in
      guard
        let member = try members.find(leg.memberID, window.key.currency, window.key.environment)
      else { throw SettlementError.clearing(.legNotFound) }
      return PaymentFile.Payment(
        leg: leg,
        bank: BankAccount(name: member.name, bic: member.bankBIC, account: member.bankAccount))
    }
    return PaymentFile(
      window: window.id, key: window.key, format: format, direction: direction,
      sequence: try FileTable(transaction.db).count(window.id) + 1, createTime: transaction.now,
      exchange: bank, payments: payments)
  }
}

extension SettlementV1.ExportPaymentsResponse {
  init(_ file: FileTable.Stored) {
    self.init(
      messageID: file.messageID, content: file.content, contentSHA256: file.digest,
      payments: file.payments)
  }
}
