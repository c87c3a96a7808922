package import Model
import Synchronization

/// How the sending of audit events stands: what metrics and `attention` are made of.
package final class OutboxStatus: Sendable {
  private struct State {
    var waiting = 0
    var oldest: Timestamp?
    var problem: OutboxProblem?
  }
  private let state = Mutex(State())

  package init() {}

  /// What somebody must do something about; nil when events go their way, or will by themselves.
  package var problem: OutboxProblem? { state.withLock { $0.problem } }

  /// Events that could not be sent, and when the first of them happened.
  func hold(_ waiting: Int, since oldest: Timestamp?, _ problem: OutboxProblem?) {
    state.withLock { $0 = State(waiting: waiting, oldest: oldest, problem: problem) }
  }

  /// The log has taken events.
  func clear() { state.withLock { $0 = State() } }

  /// Gauges by name, all 0 while events go their way.
  package func gauges(at now: Timestamp) -> [(name: String, value: Int)] {
    let state = state.withLock { $0 }
    let age = state.oldest.map { (now.microseconds - $0.microseconds) / 1_000_000 } ?? 0
    return [
      ("ndx_outbox_held_events", state.waiting),
      ("ndx_outbox_oldest_held_event_age_seconds", Int(max(age, 0))),
      ("ndx_outbox_blocked", state.problem == nil ? 0 : 1),
    ]
  }
}
