import Crypto
package import Logging
import Model
package import RPC
import ServiceLifecycle
import Stubs
import Synchronization

/// Keeps the views of revocations and keys current: follows identity's feed from the last epoch
/// applied, reconnects when it breaks or falls silent, and fetches the keys again now and then.
package struct RevocationFeed: Service {
  /// Identity sends a heartbeat at least every 2 s.
  private static let silenceLimit: Duration = .seconds(7)
  private static let keyRefresh: Duration = .seconds(300)

  private let credentials: CredentialServiceClient
  private let tokens: TokenServiceClient
  private let revocations: RevocationView
  private let keys: KeySetView
  private let logger: Logger

  package init(
    identity: RPCChannel, revocations: RevocationView, keys: KeySetView, logger: Logger
  ) {
    credentials = CredentialServiceClient(identity)
    tokens = TokenServiceClient(identity)
    self.revocations = revocations
    self.keys = keys
    self.logger = logger
  }

  package func run() async throws {
    try? await cancelWhenGracefulShutdown {
      var backoff = Backoff(limit: .seconds(2))
      while !Task.isCancelled {
        do {
          try await refreshKeys()
          try await follow()
        } catch {
          guard !Task.isCancelled else { return }
          logger.warning("the revocation feed broke", metadata: ["cause": "\(error)"])
        }
        try await backoff.wait()
      }
    }
  }

  private func refreshKeys() async throws {
    let response = try await tokens.getJwks(
      IdentityV1.GetJwksRequest(), CallOptions(timeout: .seconds(5)))
    keys.update(try JSONWebKeySet(parsing: response.jwks))
  }

  /// Returns or throws when the stream ends, falls silent, or a step is not identity's.
  private func follow() async throws {
    let heard = LastHeard()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        let request = IdentityV1.WatchRevocationsRequest(afterEpoch: revocations.epoch)
        for try await step in credentials.watchRevocations(request) {
          try await accept(step)
          heard.note()
        }
      }
      group.addTask {
        while heard.age < Self.silenceLimit {
          try await Task.sleep(for: .seconds(1))
        }
        throw FeedError.silent
      }
      group.addTask {
        while true {
          try await Task.sleep(for: Self.keyRefresh)
          try await refreshKeys()
        }
      }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  private func accept(_ step: IdentityV1.WatchRevocationsResponse) async throws {
    if keys.keys[step.keyID] == nil { try await refreshKeys() }
    guard step.isSigned(by: keys.keys) else { throw FeedError.badSignature }
    revocations.apply(step)
  }
}

private final class LastHeard: Sendable {
  private let time = Mutex(ContinuousClock.now)
  var age: Duration { time.withLock { $0 }.duration(to: .now) }
  func note() { time.withLock { $0 = .now } }
}

private enum FeedError: Error {
  case silent
  case badSignature
}
