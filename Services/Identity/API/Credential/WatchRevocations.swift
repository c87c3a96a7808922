import Model
import RPC
import ServiceRuntime
import Stubs

extension CredentialHandler {
  func watchRevocations(
    _ request: IdentityV1.WatchRevocationsRequest, _ context: CallContext,
    _ writer: ResponseWriter<IdentityV1.WatchRevocationsResponse>
  ) async throws {
    try await identity.revocations.whileValid(context) {
      try await withThrowingTaskGroup(of: Void.self) { group in
        let (wakeups, wake) = AsyncStream.makeStream(
          of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let changes = identity.revocations.changes()
        group.addTask { for await _ in changes { wake.yield() } }
        group.addTask {
          while true {
            wake.yield()
            try await Task.sleep(for: RevocationLimits.heartbeat)
          }
        }
        group.addTask {
          var epoch = request.afterEpoch
          for await _ in wakeups {
            var step: IdentityV1.WatchRevocationsResponse
            repeat {
              step = try await revocationStep(after: epoch)
              try await writer.write(step)
              epoch = step.epoch
            } while step.more
          }
        }
        defer { group.cancelAll() }
        try await group.next()
      }
    }
  }
}
