import ConnectorDomain
import ConnectorStore
import Model
import RPC
import ServiceRuntime
import Synchronization

/// The agreements of the provider that count no more, followed at settlement: a grant under one is
/// refused and a stream under one ends, within seconds of settlement's commit.
///
/// While settlement is away nothing can leave ACTIVE there either; what was heard before stays known.
final class LiveAgreements: Sendable {
  private struct State {
    var stopped: Set<AgreementID> = []
    var nextWatcher = 0
    var watchers: [Int: (AgreementID, AsyncStream<Void>.Continuation)] = [:]
  }

  private let database: ServiceDatabase
  private let state = Mutex(State())

  init(database: ServiceDatabase) { self.database = database }

  /// Takes what an earlier process had heard.
  func load() async throws {
    let stopped = try await database.read { try StoppedAgreementTable($0).all() }
    state.withLock { $0.stopped = stopped }
  }

  /// Throws `ConnectorError.agreementNotActive` once the agreement was suspended or has ended.
  func requireLive(_ id: AgreementID) throws(ConnectorError) {
    if state.withLock({ $0.stopped.contains(id) }) { throw .agreementNotActive(id) }
  }

  /// Runs `body` and ends it, by cancellation, as soon as the agreement counts no more; then throws
  /// why. A reader that takes nothing cannot hold it up.
  func whileLive<Value: Sendable>(
    _ id: AgreementID, _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    let stopped = signal(for: id)
    try requireLive(id)
    return try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask { try await body() }
      group.addTask {
        for await _ in stopped { try self.requireLive(id) }
        return nil
      }
      defer { group.cancelAll() }
      while let outcome = try await group.next() {
        if let outcome { return outcome }
      }
      throw CancellationError()
    }
  }

  /// Writes down what a step of an instance says, then acts on it. An agreement counts as it is now, not as a change
  /// left it: so nothing that has ended counts again while changes are read once more.
  func apply(_ step: SettlementV1.WatchOrdersResponse, of instance: String) async throws {
    let changed = step.changes.compactMap { change in
      change.order.agreement.map { ($0.id, $0.state == .active) }
    }
    try await database.write { db in
      let table = StoppedAgreementTable(db)
      for (id, isActive) in changed { try table.set(id, isStopped: !isActive) }
      for change in step.changes where change.order.pricing?.model == .usage {
        try UsageTable(db).setInstance(instance, of: change.order.id)
      }
      try table.setCursor(step.cursor, of: instance)
    }
    let woken = state.withLock { state in
      for (id, isActive) in changed {
        if isActive { state.stopped.remove(id) } else { state.stopped.insert(id) }
      }
      return state.watchers.values.filter { state.stopped.contains($0.0) }.map(\.1)
    }
    for watcher in woken { watcher.yield() }
  }

  /// How far an instance was followed.
  func cursor(of instance: String) async throws -> Int64 {
    try await database.read { try StoppedAgreementTable($0).cursor(of: instance) }
  }

  private func signal(for agreement: AgreementID) -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let id = state.withLock { state in
      state.nextWatcher += 1
      state.watchers[state.nextWatcher] = (agreement, continuation)
      return state.nextWatcher
    }
    continuation.onTermination = { [weak self] _ in
      self?.state.withLock { _ = $0.watchers.removeValue(forKey: id) }
    }
    return stream
  }
}
