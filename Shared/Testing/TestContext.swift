package import Model
package import RPC
package import ServiceRuntime

extension CallContext {
  /// A call as a handler sees it, to test handlers and transactions without a server.
  package static func test(
    _ method: MethodDescriptor = MethodDescriptor(
      service: "ndx.test.v1.TestService", name: "DoSomething", kind: .unary),
    caller: Caller = .service(name: "test"), language: Language = .en
  ) -> CallContext {
    CallContext(
      method: method, peer: Peer(certificate: nil, address: "127.0.0.1:1"), language: language,
      caller: caller)
  }
}

extension ServiceConfiguration {
  /// The configuration of a service under test: a free port on loopback and this data directory.
  package static func test<Definition: ServiceDefinition>(
    _ definition: Definition.Type, directory: TemporaryDirectory, trustDomain: String,
    settings: [String: String] = [:]
  ) async throws -> ServiceConfiguration {
    var flags = [
      "listen": "127.0.0.1:0", "data-directory": directory.path, "trust-domain": trustDomain,
      "log-level": "error", "shutdown-seconds": "5",
    ]
    if definition.defaultEnrolmentListen != nil { flags["enrolment-listen"] = "127.0.0.1:0" }
    if definition.settings.contains(where: { $0.name == "public-listen" }) {
      flags["public-listen"] = "127.0.0.1:0"
    }
    flags.merge(settings) { $1 }
    return try await ConfigurationLoader(definition).load(flags: flags, environment: [:], file: nil)
  }
}
