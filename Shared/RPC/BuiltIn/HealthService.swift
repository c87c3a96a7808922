import Model

/// `grpc.health.v1.Health` (github.com/grpc/grpc, doc/health-checking.md). Open to every caller.
struct HealthService: Sendable {
  static let name = "grpc.health.v1.Health"
  private static let access = MethodAccess(
    anonymous: true, participants: true, certificate: true, services: ["*"])
  static let check = MethodDescriptor(
    service: name, name: "Check", kind: .unary, isIdempotent: true, access: access)
  static let watch = MethodDescriptor(
    service: name, name: "Watch", kind: .serverStreaming, isIdempotent: true, access: access)

  let registry: HealthRegistry

  var methods: [RegisteredMethod] {
    [
      .unary(Self.check) { (request: HealthV1.HealthCheckRequest, _) in try check(request) },
      .serverStreaming(Self.watch) { (request: HealthV1.HealthCheckRequest, _, writer) in
        try await watch(request, writer)
      },
    ]
  }

  private func check(
    _ request: HealthV1.HealthCheckRequest
  ) throws -> HealthV1.HealthCheckResponse {
    guard let isServing = registry.isServing(request.service) else {
      throw RPCStatus(code: .notFound, message: "there is no service \(request.service)")
    }
    return HealthV1.HealthCheckResponse(status: isServing ? .serving : .notServing)
  }

  private func watch(
    _ request: HealthV1.HealthCheckRequest,
    _ writer: ResponseWriter<HealthV1.HealthCheckResponse>
  ) async throws {
    var last: HealthV1.HealthCheckResponse.ServingStatus?
    for await isServing in registry.changes(of: request.service) {
      let status = isServing.map { $0 ? .serving : .notServing } ?? HealthStatus.serviceUnknown
      if status != last { try await writer.write(HealthV1.HealthCheckResponse(status: status)) }
      last = status
    }
    throw CallRefusal.shuttingDown
  }

  private typealias HealthStatus = HealthV1.HealthCheckResponse.ServingStatus
}
