import Logging
import RPC

/// The channels to the other services; none connects before its first call.
struct ChannelPool: Sendable {
  private let channels: [String: RPCChannel]

  /// Throws when an address is missing or malformed.
  init(
    configuration: ServiceConfiguration, tls: TLSContextStore, logger: Logger
  ) throws(StartupError) {
    var channels: [String: RPCChannel] = [:]
    for service in ["identity", "catalog", "settlement", "audit"] {
      channels[service] = RPCChannel(
        target: try configuration.address(of: service).description, tls: tls,
        expecting: .service(service, trustDomain: configuration.trustDomain), logger: logger)
    }
    self.channels = channels
  }

  func channel(to service: String) -> RPCChannel {
    guard let channel = channels[service] else {
      preconditionFailure("there is no service \(service)")
    }
    return channel
  }

  func close() async {
    for channel in channels.values { await channel.close() }
  }
}
