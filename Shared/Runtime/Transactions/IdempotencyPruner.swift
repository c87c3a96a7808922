import GRDB
import Model
import Synchronization

/// Forgets outcomes that are too old, a few with every commit that records new ones, so that the
/// table stays bounded and no commit does it all.
final class IdempotencyPruner: CommitObserver {
  private let clock: WallClock
  private let recorded = Mutex(0)

  init(clock: WallClock) { self.clock = clock }

  func noteRecorded() { recorded.withLock { $0 += 1 } }

  func groupWillCommit(_ db: Database) throws {
    let count = recorded.withLock { recorded in
      defer { recorded = 0 }
      return recorded
    }
    guard count > 0 else { return }
    // Rows are in order of time, so the oldest are the first.
    let statement = try db.cachedStatement(
      sql: """
        DELETE FROM idempotency WHERE created < ?
        AND id IN (SELECT id FROM idempotency ORDER BY id LIMIT ?)
        """)
    let cutoff = clock.now().adding(seconds: -Idempotency.lifetimeSeconds)
    try statement.execute(arguments: [cutoff, 2 * count])
  }
}
