import Logging
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import Stubs
import Synchronization
import TestSupport

/// Catalog and identity as far as settlement asks them, on real servers with their own certificates.
final class DirectoryStandIn: Sendable {
  /// What both say.
  private final class Answers: Sendable {
    let trades = Mutex<[OfferID: TradeFacts]>([:])
    let participants = Mutex<[ParticipantID: IdentityV1.Participant]>([:])
    let routing = Mutex(IdentityV1.RoutingTable())
    let consents = Mutex(ConsentStandIn())
  }
  private let answers: Answers
  private let catalog: RPCServer
  private let identity: RPCServer
  /// What identity answers.
  let identityMethods: [RegisteredMethod]
  let settings: [String: String]

  init(_ authority: TestAuthority) async throws {
    let answers = Answers()
    self.answers = answers
    catalog = try Self.server(
      "catalog", authority,
      [
        .unary(OfferServiceMethods.getOffer) {
          (request: CatalogV1.GetOfferRequest, _: CallContext) in
          guard let facts = answers.trades.withLock({ $0[request.offerID] }) else {
            throw RPCStatus(code: .notFound, message: "no such offer")
          }
          return CatalogV1.GetOfferResponse(
            offer: facts.offer, product: facts.product, revision: facts.revision)
        }
      ])
    identityMethods = [
      .unary(ParticipantServiceMethods.getParticipant) {
        (request: IdentityV1.GetParticipantRequest, _: CallContext) in
        guard let found = answers.participants.withLock({ $0[request.participantID] }) else {
          throw RPCStatus(code: .notFound, message: "no such participant")
        }
        return IdentityV1.GetParticipantResponse(participant: found)
      },
      .unary(ConsentServiceMethods.verifyConsents) {
        (request: IdentityV1.VerifyConsentsRequest, _: CallContext) in
        answers.consents.withLock { $0.verify(request) }
      },
      .unary(ConsentServiceMethods.consumeConsents) {
        (request: IdentityV1.ConsumeConsentsRequest, _: CallContext) in
        try answers.consents.withLock { try $0.consume(request) }
      },
      .unary(CredentialServiceMethods.getTrustBundle) {
        (_: IdentityV1.GetTrustBundleRequest, _: CallContext) in
        IdentityV1.GetTrustBundleResponse(routing: answers.routing.withLock { $0 })
      },
    ]
    identity = try Self.server("identity", authority, identityMethods)
    settings = [
      "catalog-address": "127.0.0.1:\(try await catalog.start())",
      "identity-address": "127.0.0.1:\(try await identity.start())",
    ]
  }

  /// What both say of a trade from now on.
  func set(_ facts: TradeFacts) {
    answers.trades.withLock { $0[facts.offer.id] = facts }
    answers.participants.withLock { participants in
      for party in [facts.consumer, facts.provider] + facts.beneficiaries {
        participants[party.id] = party
      }
    }
  }

  /// What identity says of a consent from now on.
  func set(_ consent: IdentityV1.Consent) {
    answers.consents.withLock { $0.known[consent.artefact.consentID] = consent }
  }

  /// The orders that have used a consent, each as often as it did.
  func uses(of consent: ConsentID) -> [OrderID] {
    answers.consents.withLock { $0.uses[consent] ?? [] }
  }

  /// The routing table that identity gives from now on.
  func set(_ partitions: [IdentityV1.Partition]) {
    answers.routing.withLock {
      $0 = IdentityV1.RoutingTable(version: $0.version + 1, partitions: partitions)
    }
  }

  func stopCatalog() async { await catalog.shutdown(grace: .zero) }

  func shutdown() async {
    await catalog.shutdown(grace: .zero)
    await identity.shutdown(grace: .zero)
  }

  private static func server(
    _ name: String, _ authority: TestAuthority, _ methods: [RegisteredMethod]
  ) throws -> RPCServer {
    RPCServer(
      configuration: RPCServerConfiguration(),
      tls: try TLSContextStore(try authority.credential(for: .service(name)).tls()),
      methods: methods, logger: Logger(label: name) { _ in SwiftLogNoOpLogHandler() })
  }
}
