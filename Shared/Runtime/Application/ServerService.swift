import Glibc
import Logging
import NIOCore
import RPC
import ServiceLifecycle

/// The listeners of a service: binds, becomes ready, and on shutdown stops being ready, lets open
/// calls finish and closes.
struct ServerService: Service {
  let name: String
  let main: RPCServer
  let listen: HostPort
  let enrolment: (server: RPCServer, listen: HostPort)?
  let ready: ReadyFile
  let grace: Duration
  let revocations: RevocationView
  let logger: Logger

  func run() async throws {
    // Until the view of revocations is current every call would be refused.
    await cancelWhenGracefulShutdown { await revocations.untilCurrent() }
    guard !Task.isShuttingDownGracefully, !Task.isCancelled else { return }
    let address = try await start(main, listen)
    var enrolmentAddress: HostPort?
    if let enrolment { enrolmentAddress = try await start(enrolment.server, enrolment.listen) }
    for server in [main, enrolment?.server] { server?.health.setAll(isServing: true) }
    try ready.publish(service: name, address: address, enrolment: enrolmentAddress)
    logger.notice("ready", metadata: ["address": "\(address)"])
    try? await gracefulShutdown()
    await stop()
  }

  private func start(_ server: RPCServer, _ listen: HostPort) async throws -> HostPort {
    do {
      return HostPort(host: listen.host, port: try await server.start())
    } catch let error as IOError {
      let cause = String(cString: strerror(error.errnoCode))
      throw StartupError(.unavailable, "cannot listen on \(listen): \(cause)")
    } catch {
      throw StartupError(.unavailable, "cannot listen on \(listen): \(error)")
    }
  }

  private func stop() async {
    ready.remove()
    for server in [main, enrolment?.server] { server?.health.setAll(isServing: false) }
    logger.notice("draining")
    revocations.shutDown()
    async let second: ()? = enrolment?.server.shutdown(grace: grace)
    await main.shutdown(grace: grace)
    _ = await second
  }
}
