import Logging
import RPC
import Synchronization

/// The channels to other services, made when first asked for.
final class ChannelPool: Sendable {
  private let configuration: ServiceConfiguration
  private let tls: TLSContextStore
  private let logger: Logger
  private let channels = Mutex<[String: RPCChannel]>([:])

  init(configuration: ServiceConfiguration, tls: TLSContextStore, logger: Logger) {
    self.configuration = configuration
    self.tls = tls
    self.logger = logger
  }

  func channel(to service: String) -> RPCChannel {
    channels.withLock { channels in
      if let channel = channels[service] { return channel }
      let channel = RPCChannel(
        target: configuration.address(of: service).description, tls: tls,
        expecting: .service(service, trustDomain: configuration.trustDomain), logger: logger)
      channels[service] = channel
      return channel
    }
  }

  func close() async {
    let open = channels.withLock { channels in
      defer { channels = [:] }
      return Array(channels.values)
    }
    for channel in open { await channel.close() }
  }
}
