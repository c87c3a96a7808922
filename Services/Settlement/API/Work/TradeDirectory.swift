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
  private let logger: Logger

  init(_ context: ServiceContext) {
    offers = OfferServiceClient(context.channel(to: "catalog"))
    participants = ParticipantServiceClient(context.channel(to: "identity"))
    logger = context.logger
  }

  /// Everything about the trade of an offer with a consumer. What is not found is a decision for the
  /// transaction to record, so it is returned; a service that does not answer is thrown.
  ///
  /// - Parameter isPlacing: whether those that the offer's split names are looked up too.
  /// - Throws: `SettlementError.dependency`.
  func facts(
    offer: OfferID, consumer: ParticipantID, isPlacing: Bool = false, _ context: CallContext
  ) async throws -> Result<TradeFacts, SettlementError> {
    do {
      async let buyer = participant(consumer, context)
      let found = try await translated("catalog", notFound: .offerNotFound(offer)) {
        try await offers.getOffer(
          CatalogV1.GetOfferRequest(offerID: offer), CallOptions(parent: context))
      }
      let seller = try await participant(found.offer.providerID, context)
      return .success(
        TradeFacts(
          consumer: try await buyer, provider: seller,
          beneficiaries: isPlacing ? try await beneficiaries(of: found.offer, context) : [],
          offer: found.offer, product: found.product, revision: found.revision))
    } catch let error as SettlementError where error.status == .notFound {
      return .failure(error)
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
      switch status.code {
      case .notFound: throw notFound
      case .cancelled, .deadlineExceeded: throw status
      default:
        logger.warning(
          "a service that has to be asked does not answer",
          metadata: ["service": "\(service)", "status": "\(status)"])
        throw SettlementError.dependency(service)
      }
    }
  }
}
