import Foundation
import Logging
import RPC
import Testing

/// grpcio, the Python implementation of gRPC, calls our server with a client certificate.
@Suite struct PythonClientTests {
  static let checks = [
    "unary", "concurrent", "server_streaming", "client_streaming", "bidirectional", "deadline",
    "cancel", "metadata", "error_details", "refusals", "health", "reflection_v1",
    "reflection_v1alpha", "no_certificate",
  ]

  @Test(arguments: checks) func grpcioIsServed(check: String) async throws {
    let authority = try InteropAuthority()
    let folder = try authority.folder(InteropAuthority.callerID)
    defer { try? FileManager.default.removeItem(at: folder) }
    let server = RPCServer(
      configuration: RPCServerConfiguration(),
      tls: try TLSContextStore(authority.credentials(InteropAuthority.serverID)),
      methods: InteropEcho.methods, logger: Logger(label: "interop"))
    let port = try await server.start()
    server.health.setAll(isServing: true)
    let (status, output) = try await Python.run(
      "echo_client.py", [check, "127.0.0.1:\(port)", folder.path])
    #expect(status == 0, "\(output)")
    await server.shutdown(grace: .zero)
  }
}
