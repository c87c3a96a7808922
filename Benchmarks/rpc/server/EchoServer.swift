import Foundation
import Logging
import Model
import NIOCore
import NIOPosix
import Observability
import RPC

/// `echo-server FOLDER THREADS [mutual]`: serves `EchoService` on loopback with FOLDER's `server.pem`, `server.key`
/// and `root.pem`, behind the interceptors that every service runs except authentication, whose checks depend on the
/// service. `mutual` demands a client certificate. Prints the port; ends when its standard input does.
@main enum EchoServer {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 3, let threads = Int(arguments[2]), threads > 0 else {
      FileHandle.standardError.write(Data("usage: echo-server FOLDER THREADS [mutual]\n".utf8))
      exit(64)
    }
    let isMutual = arguments.dropFirst(3).first == "mutual"
    let configuration = RPCServerConfiguration(
      clientCertificate: isMutual ? .required : .notRequested)
    let logger = Logger(label: "echo") { label in
      var handler = StreamLogHandler.standardError(label: label)
      handler.logLevel = .notice
      return handler
    }
    let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
    let server = RPCServer(
      configuration: configuration, tls: try TLSContextStore(credentials(arguments[1])),
      methods: EchoService.methods,
      interceptors: [
        CallMetrics(service: "echo"), CallLog(logger: logger, slow: .milliseconds(1000)),
      ],
      logger: logger, group: group)
    let port = try await server.start()
    server.health.setAll(isServing: true)
    FileHandle.standardOutput.write(Data("\(port)\n".utf8))
    while let data = try FileHandle.standardInput.read(upToCount: 1), !data.isEmpty {}
    await server.shutdown(grace: .seconds(1))
    try await group.shutdownGracefully()
  }

  private static func credentials(_ folder: String) throws -> TLSCredentials {
    func text(_ name: String) throws -> String {
      try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
    }
    return TLSCredentials(
      certificateChainPEM: try text("server.pem"), privateKeyPEM: try text("server.key"),
      trustAnchorsPEM: try text("root.pem"))
  }
}
