import ArgumentParser
import Crypto
import Foundation
import Logging
import Model
import RPC

/// Asks a running service of the same configuration whether it is ready, over TLS and with the
/// service's own certificate.
struct Healthcheck<Definition: ServiceDefinition>: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "healthcheck", abstract: "Exit 0 when the running service is ready, 69 if not.",
      discussion: ConfigurationOptions<Definition>.settingsHelp)
  }

  @OptionGroup var options: ConfigurationOptions<Definition>

  func run() async throws {
    try await reportingStartupErrors {
      let configuration = try await options.load()
      try await Self.check(configuration)
      print("serving")
    }
  }

  private static var healthCheck: MethodDescriptor {
    MethodDescriptor(
      service: "grpc.health.v1.Health", name: "Check", kind: .unary, isIdempotent: true)
  }

  private static func check(_ configuration: ServiceConfiguration) async throws(StartupError) {
    guard let address = ReadyFile(configuration).address() else {
      throw StartupError(.unavailable, "\(Definition.name) is not ready")
    }
    guard let credential = try CredentialFiles(directory: configuration.dataDirectory).load() else {
      throw StartupError(.unavailable, "\(Definition.name) has no certificate yet")
    }
    let target = address.fromThisMachine
    do {
      let channel = RPCChannel(
        target: target.description, tls: try TLSContextStore(try credential.tls()),
        expecting: .spiffeID(credential.leaf.spiffeID ?? ""))
      let result = await Result<HealthV1.HealthCheckResponse, any Error>.of {
        try await channel.unary(
          healthCheck, HealthV1.HealthCheckRequest(), CallOptions(timeout: .seconds(3)))
      }
      await channel.close()
      guard try result.get().status == .serving else {
        throw StartupError(.unavailable, "\(Definition.name) is not serving")
      }
    } catch let error as StartupError {
      throw error
    } catch {
      throw StartupError(.unavailable, "\(Definition.name) at \(target) does not answer: \(error)")
    }
  }
}
