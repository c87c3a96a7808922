import Logging
import RPC
import ServiceLifecycle
import ServiceRuntime

/// The public read side as a part of the service: an HTTPS listener of its own, for anyone.
struct PublicLogService: Service {
  static let settings =
    [
      Setting(
        "public-listen", default: "127.0.0.1:7405",
        help: "HOST:PORT where anyone reads checkpoints, tiles and entries over HTTPS."),
      Setting(
        "public-requests-per-second", default: "200",
        help: "Requests that one address may make there in a second, 1 to 1000000."),
    ] + PublicCertificate.settings

  let server: WebServer
  let certificate: PublicCertificate?
  private let listen: HostPort
  private let grace: Duration
  private let logger: Logger

  /// Throws when a setting is malformed.
  init(_ log: PublicLog, _ context: ServiceContext) throws(StartupError) {
    let configuration = context.configuration
    let text = try configuration.required("public-listen")
    guard let listen = HostPort(text) else {
      throw StartupError(.configuration, "public-listen must be HOST:PORT, not \(text)")
    }
    self.listen = listen
    grace = .seconds(try configuration.integer("shutdown-seconds", in: 0...3_600))
    logger = context.logger
    certificate = try PublicCertificate(configuration, logger: logger)
    server = WebServer(
      configuration: WebServerConfiguration(
        host: listen.host, port: listen.port,
        requestsPerSecond: try configuration.integer(
          "public-requests-per-second", in: 1...1_000_000)),
      tls: certificate?.tls ?? context.tls, logger: context.logger
    ) { await log.answer($0.path) }
  }

  func run() async throws {
    let port: Int
    do {
      port = try await server.start()
    } catch {
      throw StartupError(.unavailable, "cannot listen on \(listen): \(error)")
    }
    let address = HostPort(host: listen.host, port: port)
    logger.notice("the log can be read", metadata: ["address": "\(address)"])
    await withTaskGroup(of: Void.self) { group in
      if let certificate { group.addTask { await certificate.follow() } }
      group.addTask { try? await gracefulShutdown() }
      await group.next()
      group.cancelAll()
    }
    await server.shutdown(grace: grace)
  }
}
