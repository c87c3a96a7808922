package import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A small HTTPS server (RFC 9112) for things that anyone may ask for: GET, HEAD and, when it is told how long a body may
/// be, POST; no client certificate, no cookies, a limit for everything. What it serves is decided by one function.
/// Behind a proxy on the same machine it may serve in plain text, on loopback alone.
package final class WebServer: Sendable {
  private let core: WebServerCore
  private let group: any EventLoopGroup
  private let listener = Mutex<(any Channel)?>(nil)

  /// - Parameters:
  ///   - tls: nil to serve in plain text; the host is then an address of loopback.
  ///   - answer: what a request leads to. It never fails: what cannot be had is a response too.
  package init(
    configuration: WebServerConfiguration, tls: TLSContextStore?, logger: Logger,
    answer: @escaping @Sendable (WebRequest) async -> WebResponse
  ) {
    group = MultiThreadedEventLoopGroup.singleton
    core = WebServerCore(configuration: configuration, tls: tls, logger: logger, answer: answer)
  }

  /// Binds and serves. Returns the port. Throws when the address cannot be bound, the credentials do not serve, or plain text
  /// would leave the machine.
  package func start() async throws -> Int {
    let core = core
    if let tls = core.tls {
      _ = try tls.context(for: .web)
    } else if !["127.0.0.1", "::1"].contains(core.configuration.host) {
      throw WebFailure.badAddress("http://\(core.configuration.host)")
    }
    let channel = try await ServerBootstrap(group: group)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelOption(.backlog, value: 256)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try core.accept(channel) }
      }
      .bind(host: core.configuration.host, port: core.configuration.port).get()
    listener.withLock { $0 = channel }
    return channel.localAddress?.port ?? core.configuration.port
  }

  /// Refuses new connections, lets requests that have begun be answered for `grace`, and returns when all connections
  /// are closed.
  package func shutdown(grace: Duration) async {
    let channel = listener.withLock { listener in
      defer { listener = nil }
      return listener
    }
    try? await channel?.close()
    await core.drain(within: grace)
  }
}

/// What the connections of a web server share.
final class WebServerCore: Sendable {
  let configuration: WebServerConfiguration
  let tls: TLSContextStore?
  let answer: @Sendable (WebRequest) async -> WebResponse
  let limits: AddressLimits
  private let logger: Logger
  private struct State {
    var channels: [ObjectIdentifier: (channel: any Channel, address: String)] = [:]
    var isDraining = false
  }
  private let state = Mutex(State())

  init(
    configuration: WebServerConfiguration, tls: TLSContextStore?, logger: Logger,
    answer: @escaping @Sendable (WebRequest) async -> WebResponse
  ) {
    self.configuration = configuration
    self.tls = tls
    self.logger = logger
    self.answer = answer
    limits = AddressLimits(configuration)
  }

  /// Makes the connection's handlers, or closes it when it is one too many.
  func accept(_ channel: any Channel) throws {
    let engine = try tls.map { try TLSEngine($0.context(for: .web)) }
    let address = AddressLimits.key(channel.remoteAddress)
    guard limits.join(address) else {
      logger.debug("too many connections", metadata: ["address": "\(address)"])
      return channel.close(promise: nil)
    }
    let isLate = state.withLock { state in
      state.channels[ObjectIdentifier(channel)] = (channel, address)
      return state.isDraining
    }
    let limit = 2 * (configuration.maximumHeadBytes + (configuration.maximumBodyBytes ?? 0))
    let transport = engine.map { WebTLSHandler($0, limit: limit) }
    let pipeline = channel.pipeline.syncOperations
    if let transport { try pipeline.addHandler(transport) }
    try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
    try pipeline.addHandler(WebConnection(self, transport: transport, address: address))
    if isLate { channel.close(promise: nil) }
  }

  func remove(_ channel: any Channel) {
    let known = state.withLock { $0.channels.removeValue(forKey: ObjectIdentifier(channel)) }
    if let known { limits.leave(known.address) }
  }

  func drain(within grace: Duration) async {
    let channels = state.withLock { state in
      state.isDraining = true
      return state.channels.values.map(\.channel)
    }
    for channel in channels {
      channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
      let abortion = channel.eventLoop.scheduleTask(in: TimeAmount(grace)) {
        channel.close(promise: nil)
      }
      try? await channel.closeFuture.get()
      abortion.cancel()
    }
  }
}
