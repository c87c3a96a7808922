import Logging
import Model
import RPC
import ServiceLifecycle
import ServiceRuntime
import Synchronization

/// Follows the orders of every instance of settlement from the last cursor applied, again and again. Instances that join
/// the routing table are followed within seconds; one that cannot be reached holds up no other.
struct AgreementFeeds: Service {
  let agreements: LiveAgreements
  let exchange: ExchangeCalls
  let logger: Logger
  /// How often the routing table is read.
  var interval: Duration = .seconds(5)

  func run() async throws {
    try? await cancelWhenGracefulShutdown { try await followAll() }
  }

  private func followAll() async throws {
    let roster = Roster()
    try await withThrowingTaskGroup(of: Void.self) { group in
      var backoff = Backoff(limit: interval)
      while true {
        do {
          for name in roster.list(try await exchange.instances()) {
            group.addTask { try await follow(name, in: roster) }
          }
          backoff.reset()
          try await Task.sleep(for: interval)
        } catch {
          try Task.checkCancellation()
          warn("the instances of settlement are not known", error)
          try await backoff.wait()
        }
      }
    }
  }

  private func follow(_ instance: String, in roster: Roster) async throws {
    var backoff = Backoff(limit: .seconds(2))
    while roster.goesOn(instance) {
      do {
        try await exchange.watch(instance, try await agreements.cursor(of: instance)) { step in
          try await agreements.apply(step, of: instance)
        }
        backoff.reset()
      } catch {
        try Task.checkCancellation()
        warn("settlement's orders are not followed", error, instance)
      }
      try await backoff.wait()
    }
  }

  private func warn(_ text: Logger.Message, _ error: any Error, _ instance: String = "") {
    logger.warning(text, metadata: ["instance": "\(instance)", "cause": "\(error)"])
  }
}

/// Which instances are listed, and which are followed: once each, also when one leaves the table and comes back.
private final class Roster: Sendable {
  private struct State {
    var listed: Set<String> = []
    var followed: Set<String> = []
  }

  private let state = Mutex(State())

  /// - Returns: those to begin with.
  func list(_ names: [String]) -> Set<String> {
    state.withLock { state in
      state.listed = Set(names)
      let joined = state.listed.subtracting(state.followed)
      state.followed.formUnion(joined)
      return joined
    }
  }

  func goesOn(_ name: String) -> Bool {
    state.withLock { state in
      if !state.listed.contains(name) { state.followed.remove(name) }
      return state.followed.contains(name)
    }
  }
}
