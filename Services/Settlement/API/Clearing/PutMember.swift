import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension ClearingHandler {
  /// - Throws: `SettlementError.clearing` with `.bicInvalid`, `.memberAccount`, `.memberAccountFixed`.
  func putMember(
    _ request: SettlementV1.PutMemberRequest, _ context: CallContext
  ) async throws -> SettlementV1.PutMemberResponse {
    let asked = request.member
    try ledger.partitions.require(asked.participantID)
    return try await transactor.mutate(request, context) { [self] transaction in
      transaction.concerns("participant/\(asked.participantID)")
      guard ClearingMember.isBIC(asked.bankBic) else {
        throw SettlementError.clearing(.bicInvalid)
      }
      guard let account = try ledger.account(asked.accountID, transaction),
        account.kind == .participant, account.ownerID == asked.participantID,
        account.state == .open
      else { throw SettlementError.clearing(.memberAccount) }
      let table = MemberTable(transaction.db)
      let existing = try table.find(
        asked.participantID, account.currency, account.environment)
      let member = ClearingMember(
        participantID: asked.participantID, accountID: account.id, currency: account.currency,
        environment: account.environment, name: asked.name, bankBIC: asked.bankBic,
        bankAccount: asked.bankAccount, createTime: existing?.createTime ?? transaction.now)
      if let existing {
        guard existing.accountID == account.id else {
          throw SettlementError.clearing(.memberAccountFixed)
        }
        try table.update(member)
      } else {
        try table.insert(member, from: try TransferTable(transaction.db).lastNumber() + 1)
      }
      try transaction.emit(
        AuditEvent(
          kind: existing == nil ? "member.added" : "member.changed",
          subjects: ["participant/\(member.participantID)", "account/\(member.accountID)"],
          payload: [
            "bic": member.bankBIC, "bank_account": member.bankAccount, "name": member.name,
          ]))
      return SettlementV1.PutMemberResponse(member: SettlementV1.Member(member))
    }
  }
}
