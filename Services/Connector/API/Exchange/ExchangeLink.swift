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
    let settlement: RPCChannel

    func close() async {
      for channel in [catalog, settlement, identity] { await channel.close() }
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
        try await self.call({ $0.settlement }) { channel in
          try await OrderServiceClient(channel)
            .getGrantKeys(SettlementV1.GetGrantKeysRequest()).jwks
        }
      },
      watch: { cursor, take in
        try await self.call({ $0.settlement }) { channel in
          for try await step in OrderServiceClient(channel)
            .watchOrders(SettlementV1.WatchOrdersRequest(afterCursor: cursor))
          {
            try await take(step)
          }
        }
      },
      confirm: { request in
        try await self.call({ $0.settlement }) { channel in
          _ = try await OrderServiceClient(channel)
            .confirmDelivery(request, CallOptions(timeout: .seconds(5)))
        }
      })
  }

  /// Runs a call, and once more over fresh channels when the exchange did not know who calls.
  private nonisolated func call<Response: Sendable>(
    _ service: @Sendable (Channels) -> RPCChannel,
    _ body: @Sendable (RPCChannel) async throws -> Response
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
    func channel(_ service: String, _ credentials: (any CallCredentials)?) throws -> RPCChannel {
      RPCChannel(
        target: try configuration.address(of: service).description, tls: tls,
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
      settlement: try channel("settlement", TokensFor(tokens: tokens, audience: "settlement")))
  }
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
