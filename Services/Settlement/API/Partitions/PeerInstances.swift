import Logging
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import Stubs

/// How a crossing reaches the partition that it goes to.
protocol CrossingPeers: Sendable {
  /// - Throws: `PartitionRule.notPartitioned`.
  func ownName() throws -> String

  /// - Throws: `.dependency` until the routing table is known, `PartitionRule.unrouted` when it does not name the peer;
  ///   what the call throws.
  func credit(
    _ request: SettlementV1.CreditCrossingRequest, at peer: String
  ) async throws -> SettlementV1.CreditCrossingResponse

  /// - Throws: as `credit` does.
  func confirm(_ request: SettlementV1.ConfirmCrossingRequest, at peer: String) async throws

  func close() async
}

/// Channels to the other instances of settlement, where the routing table says they are.
actor PeerInstances: CrossingPeers {
  private static let options = CallOptions(timeout: .seconds(10))

  private let partitions: Partitions
  private let tls: TLSContextStore
  private let trustDomain: String
  private let logger: Logger
  private var channels: [String: RPCChannel] = [:]

  init(_ context: ServiceContext, _ partitions: Partitions) {
    self.partitions = partitions
    tls = context.tls
    trustDomain = context.configuration.trustDomain
    logger = context.logger
  }

  nonisolated func ownName() throws -> String {
    guard let own = partitions.own else { throw SettlementError.partition(.notPartitioned) }
    return own.name
  }

  func credit(
    _ request: SettlementV1.CreditCrossingRequest, at peer: String
  ) async throws -> SettlementV1.CreditCrossingResponse {
    try await client(of: peer).creditCrossing(request, Self.options)
  }

  func confirm(_ request: SettlementV1.ConfirmCrossingRequest, at peer: String) async throws {
    _ = try await client(of: peer).confirmCrossing(request, Self.options)
  }

  private func client(of peer: String) throws -> CrossingServiceClient {
    guard let table = partitions.routing?.table else {
      throw SettlementError.dependency("identity")
    }
    guard let partition = table.partition(named: peer) else {
      throw SettlementError.partition(.unrouted)
    }
    let target = partition.addresses.joined(separator: ",")
    if let channel = channels[target] { return CrossingServiceClient(channel) }
    let channel = RPCChannel(
      target: target, tls: tls, expecting: .service("settlement", trustDomain: trustDomain),
      logger: logger)
    channels[target] = channel
    return CrossingServiceClient(channel)
  }

  func close() async {
    for channel in channels.values { await channel.close() }
    channels = [:]
  }
}
