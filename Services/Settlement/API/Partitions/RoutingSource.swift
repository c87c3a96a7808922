import Logging
import Model
import ServiceLifecycle
import ServiceRuntime
import Stubs
import Synchronization

/// The routing table as identity gave it last, asked for anew every few seconds, and sooner while it does not have this
/// instance in it.
final class RoutingSource: Service {
  private static let interval: Duration = .seconds(5)

  private let own: IdentityV1.Partition
  private let identity: CredentialServiceClient
  private let logger: Logger
  private let known = Mutex<IdentityV1.RoutingTable?>(nil)

  init(_ context: ServiceContext, own: IdentityV1.Partition) {
    self.own = own
    identity = CredentialServiceClient(context.channel(to: "identity"))
    logger = context.logger
  }

  /// Nil until identity has answered once.
  var table: IdentityV1.RoutingTable? { known.withLock { $0 } }

  /// Asks identity. An older answer never replaces a newer one. Throws what the call throws.
  func refresh() async throws {
    let answer = try await identity.getTrustBundle(IdentityV1.GetTrustBundleRequest())
    let table = answer.routing ?? IdentityV1.RoutingTable()
    known.withLock { if table.version >= $0?.version ?? 0 { $0 = table } }
  }

  func run() async throws {
    try? await cancelWhenGracefulShutdown { [self] in
      var backoff = Backoff(limit: Self.interval)
      while true {
        do {
          try await refresh()
          guard table?.partition(named: own.name) != nil else {
            try await backoff.wait()
            continue
          }
          backoff.reset()
          try await Task.sleep(for: Self.interval)
        } catch {
          try Task.checkCancellation()
          logger.warning("the routing table cannot be had", metadata: ["cause": "\(error)"])
          try await backoff.wait()
        }
      }
    }
  }
}
