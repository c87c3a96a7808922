import GRDB
import IdentityDomain
import IdentityStore
import Logging
import Model
import RPC
import ServiceLifecycle
import ServiceRuntime

/// Prepares the next issuing authority at half of the newest one's life when the root's key is at
/// hand, and says so in the log when it is not. The schedule alone decides which one signs.
struct AuthorityRollover: Service {
  static let interval: Duration = .seconds(60)

  let transactor: Transactor
  let view: AuthorityView
  let key: DatabaseKey
  /// Nil while the root is offline.
  let root: RootAuthority?
  let trustDomain: String
  let logger: Logger

  func run() async throws {
    try? await cancelWhenGracefulShutdown {
      while true {
        do { try await roll() } catch is CancellationError { return } catch {
          logger.error("cannot roll the issuing authority", metadata: ["cause": "\(error)"])
        }
        try await Task.sleep(for: Self.interval)
      }
    }
  }

  func roll() async throws {
    let now = transactor.clock.now()
    // Authorities may also have been added by `identity ca issue`, and end by time.
    let stored = try await transactor.database.read { db in
      try Authorities.load(db, key: key, at: now)
    }
    view.update(stored)
    guard IssuerSchedule.needsIssuer(stored.schedule, at: now) else { return }
    guard let root else {
      logger.warning("the issuing authority is due for renewal: run `identity ca issue`")
      return
    }
    let serial = try await IssuerMaker(transactor: transactor, key: key, trustDomain: trustDomain)
      .make(under: root)
    let renewed = try await transactor.database.read { db in
      try Authorities.load(db, key: key, at: now)
    }
    view.update(renewed)
    logger.notice("issuing authority prepared", metadata: ["serial": "\(serial)"])
  }
}
