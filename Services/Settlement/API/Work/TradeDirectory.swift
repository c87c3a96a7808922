import Logging
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import Stubs

/// Asks catalog and identity what the gates need to know. Nothing is kept beyond the call.
struct TradeDirectory: Sendable {
  private let offers: OfferServiceClient
  private let participants: ParticipantServiceClient
  private let consents: ConsentServiceClient
  private let logger: Logger

  init(_ context: ServiceContext) {
    offers = OfferServiceClient(context.channel(to: "catalog"))
    let identity = context.channel(to: "identity")
    participants = ParticipantServiceClient(identity)
    consents = ConsentServiceClient(identity)
    logger = context.logger
  }

  /// Everything about the trade of an offer with a consumer. What is not found is a decision for the
  /// transaction to record, so it is returned; a service that does not answer is thrown.
  ///
  /// - Parameters:
  ///   - consents: those that the order rests on, or would.
  ///   - order: whose own use of them is not counted against it.
  ///   - isPlacing: whether those that the offer's split names are looked up too.
  /// - Throws: `SettlementError.dependency`.
  func facts(
    offer: OfferID, consumer: ParticipantID, consents: [ConsentID] = [], order: OrderID? = nil,
    isPlacing: Bool = false, _ context: CallContext
  ) async throws -> Result<TradeFacts, SettlementError> {
    do {
      async let buyer = participant(consumer, context)
      async let agreed = verified(consents, of: order, context)
      let found = try await translated("catalog", notFound: .offerNotFound(offer)) {
        try await offers.getOffer(
          CatalogV1.GetOfferRequest(offerID: offer), CallOptions(parent: context))
      }
      let seller = try await participant(found.offer.providerID, context)
      return .success(
        TradeFacts(
          consumer: try await buyer, provider: seller,
          beneficiaries: isPlacing ? try await beneficiaries(of: found.offer, context) : [],
          offer: found.offer, product: found.product, revision: found.revision,
          consents: try await agreed))
    } catch let error as SettlementError where error.status == .notFound {
      return .failure(error)
    }
  }

  /// Uses the consents for the order: once, however often it is asked. A refusal is a decision for the
  /// transaction to record, so it is returned.
  /// - Throws: `SettlementError.dependency`.
  func consume(
    _ ids: [ConsentID], for order: OrderID, _ context: CallContext
  ) async throws -> SettlementError? {
    let request = IdentityV1.ConsumeConsentsRequest(
      requestID: RequestID(high: order.high, low: order.low), consentIDs: ids, orderID: order)
    do {
      _ = try await consents.consumeConsents(request, CallOptions(parent: context))
      return nil
    } catch let status as RPCStatus {
      if let rule = status.details.flatMap({ GateRule(rawValue: $0.reason) }) {
        return .gate(rule)
      }
      throw refused(status, by: "identity")
    }
  }

  private func verified(
    _ ids: [ConsentID], of order: OrderID?, _ context: CallContext
  ) async throws -> [IdentityV1.VerifiedConsent] {
    guard !ids.isEmpty else { return [] }
    return try await translated("identity", notFound: .gate(.consentNotFound)) {
      try await consents.verifyConsents(
        IdentityV1.VerifyConsentsRequest(consentIDs: ids, orderID: order),
        CallOptions(parent: context)
      ).consents
    }
  }

  private func beneficiaries(
    of offer: CatalogV1.Offer, _ context: CallContext
  ) async throws -> [IdentityV1.Participant] {
    var found: [IdentityV1.Participant] = []
    for id in Set(offer.terms.split.compactMap(\.participantID)) where id != offer.providerID {
      found.append(try await participant(id, context))
    }
    return found
  }

  private func participant(
    _ id: ParticipantID, _ context: CallContext
  ) async throws -> IdentityV1.Participant {
    try await translated("identity", notFound: .participantUnknown(id)) {
      try await participants.getParticipant(
        IdentityV1.GetParticipantRequest(participantID: id), CallOptions(parent: context)
      ).participant
    }
  }

  private func translated<Value>(
    _ service: String, notFound: SettlementError, _ call: () async throws -> Value
  ) async throws -> Value {
    do {
      return try await call()
    } catch let status as RPCStatus {
      throw status.code == .notFound ? notFound : refused(status, by: service)
    }
  }

  private func refused(_ status: RPCStatus, by service: String) -> any Error {
    guard status.code != .cancelled, status.code != .deadlineExceeded else { return status }
    logger.warning(
      "a service that has to be asked does not answer",
      metadata: ["service": "\(service)", "status": "\(status)"])
    return SettlementError.dependency(service)
  }
}
