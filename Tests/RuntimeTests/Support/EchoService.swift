import Model
import RPC
import ServiceRuntime
import TestSupport

/// A service with one method per kind of access; each answers with the caller's name.
enum EchoService: ServiceDefinition {
  static let name = "echo"
  static let summary = "Says who calls."
  static let defaultListen = "127.0.0.1:0"
  static let migrations = TestDatabase.migrations
  static let settings = [
    Setting("greeting", default: "hello", help: "What it says."),
    Setting("password", default: "hunter2", help: "Nothing to see.", isSecret: true),
  ]

  static func method(
    _ name: String, kind: MethodKind = .unary, access: MethodAccess = MethodAccess()
  ) -> MethodDescriptor {
    MethodDescriptor(service: "ndx.echo.v1.EchoService", name: name, kind: kind, access: access)
  }

  static let forNobody = method("ForNobody")
  static let forParticipants = method("ForParticipants", access: MethodAccess(participants: true))
  static let forRegistrars = method("ForRegistrars", access: MethodAccess(roles: [.registrar]))
  static let forCatalog = method("ForCatalog", access: MethodAccess(services: ["catalog"]))
  static let forServices = method("ForServices", access: MethodAccess(services: ["*"]))
  static let byCertificate = method("ByCertificate", access: MethodAccess(certificate: true))
  static let watch = method(
    "Watch", kind: .serverStreaming, access: MethodAccess(certificate: true))

  static func assemble(_ context: ServiceContext) async throws -> ServiceParts {
    let unary = [forNobody, forParticipants, forRegistrars, forCatalog, forServices, byCertificate]
    let methods = unary.map { method in
      RegisteredMethod.unary(method) { (_: IdentityV1.GetJwksRequest, context: CallContext) in
        IdentityV1.GetJwksResponse(jwks: context.caller.name)
      }
    }
    let watch = RegisteredMethod.serverStreaming(watch) {
      (_: IdentityV1.GetJwksRequest, call, writer: ResponseWriter<IdentityV1.GetJwksResponse>) in
      try await context.revocations.whileValid(call) {
        try await writer.write(IdentityV1.GetJwksResponse(jwks: call.caller.name))
        try await Task.sleep(for: .seconds(3_600))
      }
    }
    return ServiceParts(methods: methods + [watch])
  }
}

extension RPCChannel {
  /// The name that the service knows the caller by.
  func echo(_ method: MethodDescriptor, authorization: String? = nil) async throws -> String {
    var metadata = Metadata()
    if let authorization { metadata.add("authorization", authorization) }
    metadata.add("accept-language", "en")
    let response: IdentityV1.GetJwksResponse = try await unary(
      method, IdentityV1.GetJwksRequest(), CallOptions(metadata: metadata))
    return response.jwks
  }
}
