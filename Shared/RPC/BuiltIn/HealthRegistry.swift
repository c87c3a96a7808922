import Model
import Synchronization

/// Which services are ready, as `grpc.health.v1` reports it. Watchers are told of each change.
package final class HealthRegistry: Sendable {
  private struct State {
    var isServing: [String: Bool]
    var hasEnded = false
    var nextWatcher = 0
    var watchers: [Int: (service: String, changes: AsyncStream<Bool?>.Continuation)] = [:]
  }

  private let state: Mutex<State>

  /// Every service, and the server as a whole (the empty name), starts as not serving.
  package init(services: Set<String>) {
    let names = services.union([""])
    state = Mutex(State(isServing: Dictionary(uniqueKeysWithValues: names.map { ($0, false) })))
  }

  /// Sets one service, or with the empty name only the server as a whole.
  package func set(_ service: String, isServing: Bool) {
    state.withLock { state in
      state.isServing[service] = isServing
      tell(state, of: service)
    }
  }

  /// Sets the server and all its services.
  package func setAll(isServing: Bool) {
    state.withLock { state in
      for service in state.isServing.keys {
        state.isServing[service] = isServing
        tell(state, of: service)
      }
    }
  }

  /// Nil when the server has no such service.
  package func isServing(_ service: String) -> Bool? {
    state.withLock { $0.isServing[service] }
  }

  /// The state now and after each change; only the newest is kept for a slow reader. Ends with `end`.
  func changes(of service: String) -> AsyncStream<Bool?> {
    let (stream, changes) = AsyncStream.makeStream(
      of: Bool?.self, bufferingPolicy: .bufferingNewest(1))
    state.withLock { state in
      changes.yield(state.isServing[service])
      guard !state.hasEnded else { return changes.finish() }
      state.nextWatcher += 1
      let watcher = state.nextWatcher
      state.watchers[watcher] = (service, changes)
      changes.onTermination = { [weak self] _ in
        self?.state.withLock { $0.watchers[watcher] = nil }
      }
    }
    return stream
  }

  /// Nothing serves any more; watchers are told and let go.
  func end() {
    setAll(isServing: false)
    let watchers = state.withLock { state in
      state.hasEnded = true
      return Array(state.watchers.values)
    }
    for watcher in watchers { watcher.changes.finish() }
  }

  private func tell(_ state: State, of service: String) {
    for watcher in state.watchers.values where watcher.service == service {
      watcher.changes.yield(state.isServing[service])
    }
  }
}
