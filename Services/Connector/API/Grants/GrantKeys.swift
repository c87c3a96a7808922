import ConnectorStore
import Crypto
import Logging
import Model
import ServiceLifecycle
import ServiceRuntime

/// Settlement's keys: refreshed now and then and when a grant names one that is not known, and kept
/// in the database, so that grants are checked offline.
actor GrantKeys {
  /// A stranger's grants must not make the connector ask settlement all the time.
  private static let minimumPauseSeconds: Int64 = 2

  private let database: ServiceDatabase
  private let clock: WallClock
  private let fetch: @Sendable () async throws -> String
  private var keys: JSONWebKeySet?
  private var lastAttempt: Timestamp?

  init(
    database: ServiceDatabase, clock: WallClock,
    fetch: @escaping @Sendable () async throws -> String
  ) {
    self.database = database
    self.clock = clock
    self.fetch = fetch
  }

  /// Nil until they have been had once.
  var known: JSONWebKeySet? { keys }

  /// Takes the keys of an earlier run.
  func load() async throws {
    let stored = try await database.read { try KnownTable($0).grantKeys() }
    keys = try stored.map { try JSONWebKeySet(parsing: $0) }
  }

  /// Asks settlement. Throws what the call throws.
  func refresh() async throws {
    lastAttempt = clock.now()
    let text = try await fetch()
    keys = try JSONWebKeySet(parsing: text)
    let now = clock.now()
    try await database.write { try KnownTable($0).store(grantKeys: text, at: now) }
  }

  /// Asks settlement unless that was tried a moment ago.
  func refreshIfDue() async throws {
    if let lastAttempt,
      clock.now() < lastAttempt.adding(seconds: Self.minimumPauseSeconds)
    {
      return
    }
    try await refresh()
  }
}

/// Refreshes the keys every five minutes, and at start as soon as settlement answers.
struct GrantKeyRefresh: Service {
  private static let interval: Duration = .seconds(300)

  let keys: GrantKeys
  let logger: Logger

  func run() async throws {
    try? await cancelWhenGracefulShutdown {
      var backoff = Backoff(limit: .seconds(10))
      while true {
        do {
          try await keys.refresh()
          backoff.reset()
          try await Task.sleep(for: Self.interval)
        } catch {
          try Task.checkCancellation()
          logger.warning("cannot get settlement's keys", metadata: ["cause": "\(error)"])
          try await backoff.wait()
        }
      }
    }
  }
}
