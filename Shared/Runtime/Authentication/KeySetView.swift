package import Crypto
import Synchronization

/// The keys that identity signs with, as this process knows them. Fed by `RevocationFeed`, or
/// directly by identity itself.
package final class KeySetView: Sendable {
  private struct State {
    var keys = JSONWebKeySet(keys: [:])
    var generation = 0
  }
  private let state = Mutex(State())

  package init() {}

  package init(_ keys: JSONWebKeySet) { update(keys) }

  package var keys: JSONWebKeySet { state.withLock { $0.keys } }

  /// The keys and a number that grows with every change of them.
  var current: (keys: JSONWebKeySet, generation: Int) {
    state.withLock { ($0.keys, $0.generation) }
  }

  package func update(_ keys: JSONWebKeySet) {
    state.withLock { state in
      guard state.keys != keys else { return }
      state.keys = keys
      state.generation += 1
    }
  }
}
