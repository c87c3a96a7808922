import Foundation
import Logging
import RPC
import TestSupport
import Testing

/// Other people's gRPC, in other languages, calls our server with a client certificate: what each call must give is
/// checked by the client, which prints a line for each check that held.
@Suite struct ClientTests {
  static let checks = [
    "unary", "concurrent", "server_streaming", "client_streaming", "bidirectional", "deadline",
    "cancel", "metadata", "mirrored_metadata", "error_details", "refusals", "large", "gzip",
    "health",
    "reflection_v1",
    "reflection_v1alpha", "no_certificate", "expired_calls",
  ]

  @Test func grpcioIsServed() async throws { try await checkAll(.python) }

  @Test(
    .enabled(
      if: ClientLanguage.go.isInstalled, "Debian's packages for gRPC in Go are not installed"))
  func grpcGoIsServed() async throws { try await checkAll(.go) }

  @Test(
    .enabled(
      if: ClientLanguage.java.isInstalled, "Debian's packages for gRPC in Java are not installed"))
  func grpcJavaIsServed() async throws { try await checkAll(.java) }

  @Test func grpcioOutlivesARestart() async throws { try await restart(.python) }

  @Test(
    .enabled(
      if: ClientLanguage.go.isInstalled, "Debian's packages for gRPC in Go are not installed"))
  func grpcGoOutlivesARestart() async throws { try await restart(.go) }

  @Test(
    .enabled(
      if: ClientLanguage.java.isInstalled, "Debian's packages for gRPC in Java are not installed"))
  func grpcJavaOutlivesARestart() async throws { try await restart(.java) }

  private func checkAll(_ client: ClientLanguage) async throws {
    let peer = try InteropPeer()
    let server = try await peer.serve()
    let (status, output) = try await client.echoClient().run(
      ["127.0.0.1:\(server.port)", peer.folder.path] + Self.checks)
    #expect(status == 0, "\(output)")
    let held = output.split(separator: "\n").filter { $0.hasPrefix("ok ") }
    #expect(held.map { String($0.dropFirst(3)) } == Self.checks, "\(output)")
    await server.shutdown(grace: .zero)
  }

  /// While the client has a stream open, the server says goodbye. The stream goes on to its end; the call after it waits
  /// for the next server on the same port.
  private func restart(_ client: ClientLanguage) async throws {
    let peer = try InteropPeer()
    let server = try await peer.serve()
    let input = Pipe()
    let (process, output) = try await client.echoClient().start(
      ["127.0.0.1:\(server.port)", peer.folder.path, "restart"], input: input)
    #expect(await output.nextLine() == "streaming")
    async let ended: Void = server.shutdown(grace: .seconds(20))
    try input.fileHandleForWriting.write(contentsOf: Data("go on\n".utf8))
    #expect(await output.nextLine() == "streamed")
    await ended
    let next = try await peer.serve(port: server.port)
    let rest = await output.rest()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0 && rest == "ok restart\n", "\(rest)")
    await next.shutdown(grace: .zero)
  }
}

/// What a client of the tests is given: an echo server and a folder with a certificate that it accepts.
final class InteropPeer {
  let folder: URL
  private let authority: InteropAuthority

  init() throws {
    authority = try InteropAuthority()
    folder = try authority.folder(InteropAuthority.callerID)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func serve(port: Int = 0) async throws -> Server {
    let server = RPCServer(
      configuration: RPCServerConfiguration(port: port),
      tls: try TLSContextStore(authority.credentials(InteropAuthority.serverID)),
      methods: InteropEcho().methods, logger: Logger(label: "interop"))
    let port = try await server.start()
    server.health.setAll(isServing: true)
    return Server(rpc: server, port: port)
  }

  struct Server: Sendable {
    let rpc: RPCServer
    let port: Int

    func shutdown(grace: Duration) async { await rpc.shutdown(grace: grace) }
  }
}
