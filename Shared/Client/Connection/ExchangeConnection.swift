import Crypto
package import Logging
package import Model
package import RPC
package import Stubs

/// One participant's view of the exchange: typed clients for every service, certificate and tokens
/// taken care of. Connections are opened when first used. Errors of calls are `RPCStatus`.
package final class ExchangeConnection: Sendable {
  /// The profile, its certificate renewed if that was due.
  package let profile: Profile
  package let language: Language
  private let tls: TLSContextStore
  /// The instances of settlement.
  package let settlement: SettlementInstances
  private let channels: [String: RPCChannel]
  private let logger: Logger?

  /// Opens a profile, first renewing its certificate once half of its life is over. A renewal that
  /// fails while the certificate still counts is left for the next time.
  package static func open(
    _ profile: Profile, language: Language = .vi, clock: WallClock = .system,
    configuration: RPCChannelConfiguration = RPCChannelConfiguration(), logger: Logger? = nil
  ) async throws -> ExchangeConnection {
    guard clock.now() < profile.certificate.notAfter else {
      throw ClientError.expiredCertificate(notAfter: profile.certificate.notAfter)
    }
    let renewal = CredentialRenewal(clock: clock)
    var current = profile
    if renewal.isDue(profile) {
      let channel = RPCChannel(
        target: profile.exchange.endpoints.identity,
        tls: try TLSContextStore(profile.credentials()),
        expecting: .service("identity", trustDomain: profile.exchange.trustDomain))
      do {
        current = try await renewal.renew(profile, over: channel)
      } catch let error as RPCStatus {
        logger?.warning("certificate not renewed", metadata: ["error": "\(error)"])
      }
      await channel.close()
    }
    return try ExchangeConnection(
      current, language: language, clock: clock, configuration: configuration, logger: logger)
  }

  private init(
    _ profile: Profile, language: Language, clock: WallClock,
    configuration: RPCChannelConfiguration, logger: Logger?
  ) throws {
    let tls = try TLSContextStore(profile.credentials())
    let exchange = profile.exchange
    @Sendable func channel(
      _ service: String, _ credentials: any CallCredentials, at target: String? = nil
    ) -> RPCChannel {
      RPCChannel(
        target: target ?? exchange.endpoints[service] ?? "",
        tls: tls, expecting: .service(service, trustDomain: exchange.trustDomain),
        credentials: credentials, configuration: configuration, logger: logger)
    }
    let certified = channel("identity", LanguageCredentials(language: language))
    let tokens = AccessTokens(
      directory: profile.directory, fingerprint: profile.certificate.fingerprint,
      identity: certified, clock: clock)
    var channels = ["certified": certified]
    for service in ["identity", "catalog", "settlement", "audit"] {
      channels[service] = channel(
        service, TokenCredentials(tokens: tokens, audience: service, language: language))
    }
    settlement = SettlementInstances(
      own: profile.participantID, identity: certified,
      configured: channels["settlement"] ?? certified
    ) { target in
      channel(
        "settlement",
        TokenCredentials(tokens: tokens, audience: "settlement", language: language), at: target)
    }
    self.profile = profile
    self.language = language
    self.tls = tls
    self.channels = channels
    self.logger = logger
  }

  /// The channel to a service ("catalog").
  package func channel(to service: String) -> RPCChannel {
    guard let channel = channels[service] else { preconditionFailure("no service \(service)") }
    return channel
  }

  package var participants: ParticipantServiceClient { .init(channel(to: "identity")) }
  package var access: AccessServiceClient { .init(channel(to: "identity")) }
  package var credentials: CredentialServiceClient { .init(channel(to: "identity")) }
  package var consents: ConsentServiceClient { .init(channel(to: "identity")) }
  package var products: ProductServiceClient { .init(channel(to: "catalog")) }
  package var reviews: ReviewServiceClient { .init(channel(to: "catalog")) }
  package var offers: OfferServiceClient { .init(channel(to: "catalog")) }
  package var search: SearchServiceClient { .init(channel(to: "catalog")) }
  package var ledger: LedgerServiceClient { .init(channel(to: "settlement")) }
  package var orders: OrderServiceClient { .init(channel(to: "settlement")) }
  package var taxes: TaxServiceClient { .init(channel(to: "settlement")) }
  package var log: LogServiceClient { .init(channel(to: "audit")) }

  /// A channel to a provider's connector, which must show a certificate of that participant. The
  /// caller closes it.
  package func connector(at address: String, of provider: ParticipantID) -> RPCChannel {
    RPCChannel(
      target: address, tls: tls,
      expecting: .spiffeID(
        below: SPIFFEID.prefix(of: provider, trustDomain: profile.exchange.trustDomain)),
      credentials: LanguageCredentials(language: language), logger: logger)
  }

  /// Ends open calls and closes every connection.
  package func close() async {
    await settlement.close()
    for channel in channels.values { await channel.close() }
  }
}
