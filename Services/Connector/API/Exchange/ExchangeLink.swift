import Client
import Crypto
import Logging
import Model
import RPC
import ServiceRuntime
import Stubs

/// The connector's calls to the exchange: under its certificate of the moment, with access tokens
/// bound to it. Channels are made anew when the certificate has been renewed, so that token and
/// connection always name the same one.
actor ExchangeLink {
  private struct Channels {
    let fingerprint: Digest
    let identity: RPCChannel
    let catalog: RPCChannel
    let settlement: SettlementInstances

    func close() async {
      await settlement.close()
      for channel in [catalog, identity] { await channel.close() }
    }
  }

  private let configuration: ServiceConfiguration
  private let clock: WallClock
  private let logger: Logger
  private let credential: ConnectorParts.CredentialSource
  private var channels: Channels?

  init(_ context: ServiceContext, credential: @escaping ConnectorParts.CredentialSource) {
    configuration = context.configuration
    clock = context.clock
    logger = context.logger
    self.credential = credential
  }

  nonisolated var calls: ExchangeCalls {
    ExchangeCalls(
      revision: { id in
        try await self.call({ $0.catalog }) { channel in
          try await ProductServiceClient(channel)
            .getRevision(CatalogV1.GetRevisionRequest(revisionID: id)).revision
        }
      },
      grantKeys: {
        try await self.call({ $0.settlement }) { settlement in
          // Each instance signs with a key of its own. Without one of them, the keys known so far stay.
          var keys: [String: P256PublicKey] = [:]
          for instance in try await settlement.all() {
            let answer = try await OrderServiceClient(instance.channel)
              .getGrantKeys(SettlementV1.GetGrantKeysRequest())
            keys.merge(try JSONWebKeySet(parsing: answer.jwks).keys) { $1 }
          }
          return JSONWebKeySet(keys: keys).text
        }
      },
      instances: {
        try await self.call({ $0.settlement }) { settlement in
          try await settlement.all(refreshing: true).map(\.name)
        }
      },
      watch: { name, cursor, take in
        try await self.call({ $0.settlement }) { settlement in
          let instances = try await settlement.all()
          guard let instance = instances.first(where: { $0.name == name }) else { return }
          let request = SettlementV1.WatchOrdersRequest(afterCursor: cursor)
          for try await step in OrderServiceClient(instance.channel).watchOrders(request) {
            try await take(step)
          }
        }
      },
      confirm: { request in
        // Orders are with their consumer; whose they are, the connector does not know.
        try await self.call({ $0.settlement }) { settlement in
          _ = try await settlement.call { instance in
            try await OrderServiceClient(instance)
              .confirmDelivery(request, CallOptions(timeout: .seconds(5)))
          }
        }
      },
      report: { name, request in
        try await self.call({ $0.settlement }) { settlement in
          let instances = try await settlement.all()
          guard let instance = instances.first(where: { $0.name == name }) else {
            throw RPCStatus(code: .unavailable, message: "settlement has no instance \(name) now")
          }
          return try await UsageServiceClient(instance.channel)
            .reportUsage(request, CallOptions(timeout: .seconds(5)))
        }
      })
  }

  /// Runs a call, and once more over fresh channels when the exchange did not know who calls.
  private nonisolated func call<Service: Sendable, Response: Sendable>(
    _ service: @Sendable (Channels) -> Service,
    _ body: @Sendable (Service) async throws -> Response
  ) async throws -> Response {
    let first = try await current()
    do {
      return try await body(service(first))
    } catch let status as RPCStatus where status.code == .unauthenticated {
      await discard(first)
      return try await body(service(try await current()))
    }
  }

  private func current() async throws -> Channels {
    let credential = try credential()
    if let channels, channels.fingerprint == credential.leaf.fingerprint { return channels }
    let made = try make(credential)
    let old = channels
    channels = made
    await old?.close()
    return made
  }

  private func discard(_ used: Channels) async {
    guard channels?.fingerprint == used.fingerprint else { return }
    channels = nil
    try? AccessTokens.discard(in: configuration.dataDirectory)
    await used.close()
  }

  private func make(_ credential: Credential) throws -> Channels {
    let tls = try TLSContextStore(try credential.tls())
    func channel(
      _ service: String, _ credentials: (any CallCredentials)?
    ) throws -> RPCChannel {
      channel(service, at: try configuration.address(of: service).description, credentials)
    }
    @Sendable func channel(
      _ service: String, at target: String, _ credentials: (any CallCredentials)?
    ) -> RPCChannel {
      RPCChannel(
        target: target, tls: tls,
        expecting: .service(service, trustDomain: configuration.trustDomain),
        credentials: credentials, logger: logger)
    }
    let identity = try channel("identity", nil)
    let tokens = AccessTokens(
      directory: configuration.dataDirectory, fingerprint: credential.leaf.fingerprint,
      identity: identity, clock: clock)
    return Channels(
      fingerprint: credential.leaf.fingerprint, identity: identity,
      catalog: try channel("catalog", TokensFor(tokens: tokens, audience: "catalog")),
      settlement: try settlement(
        credential, identity, try configuration.address(of: "settlement").description
      ) { channel("settlement", at: $0, TokensFor(tokens: tokens, audience: "settlement")) })
  }
}

/// The instances of settlement as the connector's participant finds them.
private func settlement(
  _ credential: Credential, _ identity: RPCChannel, _ target: String,
  open: @escaping @Sendable (String) -> RPCChannel
) throws -> SettlementInstances {
  guard case .participant(let own, _)? = credential.leaf.spiffeID.flatMap({ SPIFFEID($0) })?.name
  else { throw StartupError(.software, "a connector is a participant's") }
  return SettlementInstances(own: own, identity: identity, configured: open(target), open: open)
}

/// Adds the token for one service where a method needs one.
private struct TokensFor: CallCredentials {
  let tokens: AccessTokens
  let audience: String

  func metadata(for method: MethodDescriptor) async throws -> [(String, String)] {
    guard !method.access.certificate else { return [] }
    return [("authorization", "Bearer \(try await tokens.token(for: audience))")]
  }
}
