import Crypto
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension OrderHandler {
  func issueGrant(
    _ request: SettlementV1.IssueGrantRequest, _ context: CallContext
  ) async throws -> SettlementV1.IssueGrantResponse {
    context.disableCompression()
    if let answer: SettlementV1.IssueGrantResponse = try await transactor.replay(
      of: request, context)
    {
      return answer
    }
    let caller = try consumer(context)
    let facts = try await facts(of: request.orderID, for: caller.participantID, context)
    return try await transactor.mutate(request, context) { [self] transaction in
      let now = transaction.now
      var order = try load(
        request.orderID, ofConsumer: caller.participantID, transaction)
      let agreement = try order.noteGrant(at: now)
      try checkGates(order, facts, at: now)
      let grant = GrantTerms.grant(
        id: .make(at: now), order: order, agreement: agreement,
        certificate: caller.certificateFingerprint, lifetimeSeconds: grants.lifetimeSeconds,
        at: now)
      try OrderTable(transaction.db).update(order)
      try GrantTable(transaction.db).insert(
        grant.id, order: order.id, certificate: grant.certificateFingerprint,
        from: grant.issuedAt, until: grant.expires)
      try transaction.emit(
        AuditEvent(
          "grant.issued", order,
          [
            "grant": grant.id.description, "agreement": agreement.id.description,
            "system": "participant/\(caller.participantID)/system/\(caller.systemID)",
            "expires": grant.expires.description, "quota_bytes": "\(grant.quotaBytes)",
          ]))
      return SettlementV1.IssueGrantResponse(
        grant: try grants.sign(grant), expireTime: grant.expires,
        connectorAddress: order.terms.connectorAddress,
        order: SettlementV1.Order(order, at: now))
    }
  }
}
