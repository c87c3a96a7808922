import Model
import RPC
import SettlementDomain

/// Consents as identity keeps them, one use each.
struct ConsentStandIn {
  var known: [ConsentID: IdentityV1.Consent] = [:]
  var uses: [ConsentID: [OrderID]] = [:]

  func verify(_ request: IdentityV1.VerifyConsentsRequest) -> IdentityV1.VerifyConsentsResponse {
    IdentityV1.VerifyConsentsResponse(
      consents: request.consentIDs.compactMap { id in
        known[id].map {
          IdentityV1.VerifiedConsent(
            consent: $0, signatureValid: true,
            usedUp: uses[id].map { !$0.contains { $0 == request.orderID } } ?? false)
        }
      })
  }

  mutating func consume(
    _ request: IdentityV1.ConsumeConsentsRequest
  ) throws -> IdentityV1.ConsumeConsentsResponse {
    for id in request.consentIDs where uses[id] != [request.orderID] {
      let reason = uses[id] != nil ? "CONSENT_USED" : known[id]?.blockedBy ?? "CONSENT_NOT_FOUND"
      guard reason.isEmpty else {
        throw RPCStatus(
          code: .failedPrecondition, message: reason,
          details: ErrorDetails(reason: reason, domain: "ndx.identity"))
      }
    }
    for id in request.consentIDs { uses[id] = [request.orderID] }
    return IdentityV1.ConsumeConsentsResponse(consents: request.consentIDs.compactMap { known[$0] })
  }
}
