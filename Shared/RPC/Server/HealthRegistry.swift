import Synchronization

/// Which services are ready, as `grpc.health.v1` reports it. Watchers are told of each change.
package final class HealthRegistry: Sendable {
  private let states: Mutex<[String: Bool]>

  /// Every service, and the server as a whole (the empty name), starts as not serving.
  package init(services: Set<String>) {
    states = Mutex(Dictionary(uniqueKeysWithValues: services.union([""]).map { ($0, false) }))
  }

  /// Sets one service, or with the empty name only the server as a whole.
  package func set(_ service: String, isServing: Bool) {
    states.withLock { $0[service] = isServing }
  }

  /// Sets the server and all its services.
  package func setAll(isServing: Bool) {
    states.withLock { states in
      for name in states.keys { states[name] = isServing }
    }
  }

  /// Nil when the server has no such service.
  package func isServing(_ service: String) -> Bool? {
    states.withLock { $0[service] }
  }
}
