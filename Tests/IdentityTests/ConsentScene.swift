import Crypto
import Model
import RPC
import ServiceRuntime
import Stubs
import TestSupport

/// A hospital, a researcher and a citizen on a running identity, with settlement beside them.
struct ConsentScene {
  let exchange: IdentityExchange
  let registrars: [Party]
  let citizen: Party
  let hospital: Party
  let researcher: Party
  let settlement: Party

  init() async throws {
    exchange = try await IdentityExchange()
    registrars = [
      try await exchange.staff("registrar-1"), try await exchange.staff("registrar-2"),
    ]
    citizen = try await Self.admit(exchange, registrars, "01", .citizen, .citizen)
    hospital = try await Self.admit(exchange, registrars, "02", .enterprise, .provider)
    researcher = try await Self.admit(exchange, registrars, "03", .researchInstitute, .consumer)
    settlement = try await exchange.party(exchange.bootstrapToken("services/settlement/enrolment"))
  }

  static func admit(
    _ exchange: IdentityExchange, _ registrars: [Party], _ legalID: String,
    _ kind: IdentityV1.ParticipantKind, _ role: TypeV1.Role,
    in environment: TypeV1.Environment = .live
  ) async throws -> Party {
    let id = try await registrars[0].register(
      legalID, roles: [role], kind: kind, environment: environment
    ).participant.id
    try await registrars[0].verify(id)
    try await registrars[1].approve(id)
    return try await exchange.party(try await registrars[0].enrolmentToken(for: id))
  }

  func admit(
    _ legalID: String, _ kind: IdentityV1.ParticipantKind, _ role: TypeV1.Role,
    in environment: TypeV1.Environment = .live
  ) async throws -> Party {
    try await Self.admit(exchange, registrars, legalID, kind, role, in: environment)
  }

  /// What the researcher asks for, good for a day.
  func request(
    frequency: IdentityV1.ConsentFrequency? = nil, from start: Timestamp? = nil
  ) -> IdentityV1.RequestConsentRequest {
    IdentityV1.RequestConsentRequest(
      requestID: researcher.requestID(), subjectID: citizen.participantID,
      providerID: hospital.participantID, purpose: "research",
      dataCategories: ["health", "census", "health"], sensitive: true, startTime: start,
      expireTime: exchange.time.now.adding(seconds: 10 * 86_400),
      use: frequency == nil ? .oneTime : .periodic, frequency: frequency, retentionDays: 30)
  }

  func asked(
    frequency: IdentityV1.ConsentFrequency? = nil, from start: Timestamp? = nil
  ) async throws -> IdentityV1.Consent {
    try await researcher.consents.requestConsent(request(frequency: frequency, from: start)).consent
  }

  func signed(_ consent: IdentityV1.Consent) throws -> IdentityV1.GiveConsentRequest {
    IdentityV1.GiveConsentRequest(
      requestID: citizen.requestID(), consentID: consent.id,
      certificate: citizen.credential.leaf.der,
      signature: try consent.artefact.signed(by: citizen.credential.key))
  }

  func given(
    frequency: IdentityV1.ConsentFrequency? = nil, from start: Timestamp? = nil
  ) async throws -> IdentityV1.Consent {
    let consent = try await asked(frequency: frequency, from: start)
    return try await citizen.consents.giveConsent(try signed(consent)).consent
  }

  func consume(
    _ consents: [ConsentID], for order: OrderID, requestID: RequestID? = nil
  ) async throws -> IdentityV1.ConsumeConsentsResponse {
    try await ConsentServiceClient(settlement.plain).consumeConsents(
      IdentityV1.ConsumeConsentsRequest(
        requestID: requestID ?? settlement.requestID(), consentIDs: consents, orderID: order))
  }

  func withdraw(_ id: ConsentID) async throws -> IdentityV1.WithdrawConsentResponse {
    try await citizen.consents.withdrawConsent(
      IdentityV1.WithdrawConsentRequest(requestID: citizen.requestID(), consentID: id))
  }

  func pause(_ id: ConsentID) async throws -> IdentityV1.PauseConsentResponse {
    try await citizen.consents.pauseConsent(
      IdentityV1.PauseConsentRequest(requestID: citizen.requestID(), consentID: id))
  }

  func resume(_ id: ConsentID) async throws -> IdentityV1.ResumeConsentResponse {
    try await citizen.consents.resumeConsent(
      IdentityV1.ResumeConsentRequest(requestID: citizen.requestID(), consentID: id))
  }

  func get(_ id: ConsentID, as party: Party) async throws -> IdentityV1.GetConsentResponse {
    try await party.consents.getConsent(IdentityV1.GetConsentRequest(consentID: id))
  }

  func order(_ number: UInt64) -> OrderID { OrderID(high: 9, low: number) }

  func end() async {
    for party in registrars + [citizen, hospital, researcher, settlement] { await party.close() }
    await exchange.stop()
  }
}

extension Party {
  var consents: ConsentServiceClient { ConsentServiceClient(channel) }
}

extension IdentityV1.Consent {
  var id: ConsentID { artefact.consentID }
}
