import Logging
import Model
import RPC

/// An echo server on loopback and what is needed to call it.
struct TestServer {
  let authority: TestAuthority
  let server: RPCServer
  let port: Int
  let log: EchoLog
  let tls: TLSContextStore

  var target: String { "127.0.0.1:\(port)" }

  static func start(
    authority: TestAuthority? = nil, methods: [RegisteredMethod] = [],
    interceptors: [any ServerInterceptor] = [], clock: WallClock = .system,
    logger: Logger = Logger(label: "test"),
    _ configure: (inout RPCServerConfiguration) -> Void = { _ in }
  ) async throws -> TestServer {
    let authority = try authority ?? TestAuthority()
    var configuration = RPCServerConfiguration()
    configure(&configuration)
    let log = EchoLog()
    let tls = try TLSContextStore(authority.credentials(TestAuthority.serverID))
    let server = RPCServer(
      configuration: configuration, tls: tls, methods: EchoMethods.registered(log) + methods,
      interceptors: interceptors, clock: clock, logger: logger)
    let port = try await server.start()
    server.health.setAll(isServing: true)
    return TestServer(authority: authority, server: server, port: port, log: log, tls: tls)
  }

  func channel(
    _ credentials: TLSCredentials? = nil,
    expecting: PeerExpectation = .spiffeID(TestAuthority.serverID),
    callCredentials: (any CallCredentials)? = nil,
    _ configure: (inout RPCChannelConfiguration) -> Void = { _ in }
  ) throws -> RPCChannel {
    var configuration = RPCChannelConfiguration()
    configure(&configuration)
    let credentials = try credentials ?? authority.credentials(TestAuthority.clientID)
    return RPCChannel(
      target: target, tls: try TLSContextStore(credentials), expecting: expecting,
      credentials: callCredentials, configuration: configuration)
  }

  /// A channel with credentials that others share, which connects once.
  func channel(
    _ tls: TLSContextStore, expecting: PeerExpectation = .spiffeID(TestAuthority.serverID)
  ) -> RPCChannel {
    var configuration = RPCChannelConfiguration()
    configuration.maximumAttempts = 1
    return RPCChannel(
      target: target, tls: tls, expecting: expecting, configuration: configuration)
  }

  func stop() async { await server.shutdown(grace: .zero) }
}

/// Runs a test against a server and a channel, and closes both.
func withEcho(
  interceptors: [any ServerInterceptor] = [],
  _ configure: (inout RPCServerConfiguration) -> Void = { _ in },
  _ body: (TestServer, RPCChannel) async throws -> Void
) async throws {
  let server = try await TestServer.start(interceptors: interceptors, configure)
  let channel = try server.channel()
  do {
    try await body(server, channel)
  } catch {
    await channel.close()
    await server.stop()
    throw error
  }
  await channel.close()
  await server.stop()
}

extension RPCChannel {
  func echo(_ method: MethodDescriptor, _ request: Echo, _ options: CallOptions = CallOptions())
    async throws -> Echo
  {
    try await unary(method, request, options)
  }

  /// The status with which the call fails; nil when it does not.
  func failure(
    _ method: MethodDescriptor, _ request: Echo = Echo(), _ options: CallOptions = CallOptions()
  ) async -> RPCStatus? {
    do {
      _ = try await echo(method, request, options)
      return nil
    } catch {
      return error as? RPCStatus
    }
  }
}
