import Crypto
import IdentityDomain
import IdentityStore
import Model
import RPC
import ServiceRuntime
import Stubs

extension ConsentHandler {
  func requestConsent(
    _ request: IdentityV1.RequestConsentRequest, _ context: CallContext
  ) async throws -> IdentityV1.RequestConsentResponse {
    let caller = try context.participant()
    return try await identity.transactor.mutate(request, context) { transaction in
      let (db, now) = (transaction.db, transaction.now)
      transaction.concerns("participant/\(request.providerID)")
      let parties = ConsentParties(
        subject: try ParticipantTable.get(request.subjectID, db),
        provider: try ParticipantTable.get(request.providerID, db),
        consumer: try ParticipantTable.get(caller.participantID, db))
      let pseudonym = try ConsentTable.pseudonym(of: parties, db) ?? Hex.encode(Random.bytes(16))
      let consent = try Consent.request(
        IdentityV1.ConsentArtefact(
          consentID: .make(at: now), subjectPseudonym: pseudonym, providerID: request.providerID,
          consumerID: caller.participantID, environment: parties.consumer.environment,
          purpose: request.purpose, dataCategories: request.dataCategories,
          sensitive: request.sensitive, startTime: request.startTime ?? now,
          expireTime: request.expireTime, use: request.use, frequency: request.frequency,
          retentionDays: request.retentionDays, saleBasis: request.saleBasis.normalized),
        among: parties, at: now)
      try ConsentTable.insert(consent, db)
      try ConsentEventTable.append(.requested, to: consent, at: now, db)
      try transaction.emit(AuditEvent(.requested, consent))
      return IdentityV1.RequestConsentResponse(
        consent: consent.wire(at: now, for: .participant(caller.participantID)))
    }
  }
}
