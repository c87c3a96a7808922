import Model
import RPC
import Testing

/// `grpc.health.v1` (doc/health-checking.md).
@Suite struct HealthTests {
  private static let service = "grpc.health.v1.Health"
  private static let check = MethodDescriptor(service: service, name: "Check", kind: .unary)
  private static let watch = MethodDescriptor(
    service: service, name: "Watch", kind: .serverStreaming)

  private static func check(
    _ channel: RPCChannel, _ service: String
  ) async throws -> HealthV1.HealthCheckResponse.ServingStatus {
    let response: HealthV1.HealthCheckResponse = try await channel.unary(
      check, HealthV1.HealthCheckRequest(service: service))
    return response.status
  }

  @Test func aCheckKnowsTheServerAndItsServices() async throws {
    try await withEcho { server, channel in
      for name in ["", EchoMethods.service, Self.service] {
        let status = try await Self.check(channel, name)
        #expect(status == .serving, "\(name)")
      }
      server.server.health.set(EchoMethods.service, isServing: false)
      let echo = try await Self.check(channel, EchoMethods.service)
      let whole = try await Self.check(channel, "")
      #expect(echo == .notServing && whole == .serving)
      do {
        _ = try await Self.check(channel, "nothing")
        Issue.record("an unknown service is known")
      } catch {
        #expect((error as? RPCStatus)?.code == .notFound)
      }
    }
  }

  /// A watch of a service that is not there yet goes on until it is.
  @Test func aWatchTellsOfEveryChangeAndOnlyOfChanges() async throws {
    try await withEcho { server, channel in
      let health = server.server.health
      let stream: ResponseStream<HealthV1.HealthCheckResponse> = channel.serverStreaming(
        Self.watch, HealthV1.HealthCheckRequest(service: "later"))
      var iterator = stream.makeAsyncIterator()
      let first = try await iterator.next()
      var seen = [first?.status]
      var wasServing = false
      for isServing in [true, true, false, false, true] {
        health.set("later", isServing: isServing)
        guard isServing != wasServing else { continue }
        wasServing = isServing
        let next = try await iterator.next()
        seen.append(next?.status)
      }
      #expect(seen == [.serviceUnknown, .serving, .notServing, .serving])
    }
  }
}
