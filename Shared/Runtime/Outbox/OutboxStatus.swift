package import Model
import Synchronization

/// How the sending of audit events, and their proofs, stand: what metrics and the file `attention` are made of.
package final class OutboxStatus: Sendable {
  private struct State {
    var waiting = 0
    var oldest: Timestamp?
    var problem: OutboxProblem?
    var proven: Int64 = 0
    var unproven: Timestamp?
    var proofProblem: ProofProblem?

    var text: Text? {
      let texts = [problem?.text, proofProblem?.text].compactMap(\.self)
      guard !texts.isEmpty else { return nil }
      return Text(
        vi: texts.map(\.vi).joined(separator: "; "), en: texts.map(\.en).joined(separator: "; "))
    }
  }
  private let state = Mutex(State())
  private let attention: AttentionFile?

  /// - Parameter attention: where operators are told what to do.
  package init(attention: AttentionFile? = nil) { self.attention = attention }

  /// What somebody must do something about; nil when events go their way, or will by themselves.
  package var problem: OutboxProblem? { state.withLock { $0.problem } }

  /// Why the log is not believed; nil when it is.
  package var proofProblem: ProofProblem? { state.withLock { $0.proofProblem } }

  /// Nothing is known any more, or not yet: what an earlier process has asked for is taken back.
  func reset() {
    state.withLock {
      $0 = State()
      attention?.clear()
    }
  }

  /// The process ends: it asks nobody for anything any more.
  func withdraw() { state.withLock { _ in attention?.clear() } }

  /// Events that could not be sent, and when the first of them happened.
  func hold(_ waiting: Int, since oldest: Timestamp?, _ problem: OutboxProblem?) {
    change { ($0.waiting, $0.oldest, $0.problem) = (waiting, oldest, problem) }
  }

  /// The log has taken events.
  func clear() { hold(0, since: nil, nil) }

  /// The number up to which events are proven, and when the first that is not happened.
  func prove(to sequence: Int64, unproven: Timestamp?) {
    state.withLock { ($0.proven, $0.unproven) = (sequence, unproven) }
  }

  func distrust(_ problem: ProofProblem) { change { $0.proofProblem = problem } }

  func trust() { change { $0.proofProblem = nil } }

  private func change(_ body: (inout State) -> Void) {
    state.withLock { state in
      let before = state.text
      body(&state)
      guard state.text != before else { return }
      if let text = state.text { attention?.write(text) } else { attention?.clear() }
    }
  }

  /// Gauges by name, all but the number proven 0 while events go their way.
  package func gauges(at now: Timestamp) -> [(name: String, value: Int)] {
    let state = state.withLock { $0 }
    func age(_ time: Timestamp?) -> Int {
      Int(max(time.map { (now.microseconds - $0.microseconds) / 1_000_000 } ?? 0, 0))
    }
    return [
      ("ndx_outbox_held_events", state.waiting),
      ("ndx_outbox_oldest_held_event_age_seconds", age(state.oldest)),
      ("ndx_outbox_blocked", state.problem == nil ? 0 : 1),
      ("ndx_outbox_proven_sequence", Int(state.proven)),
      ("ndx_outbox_oldest_unproven_event_age_seconds", age(state.unproven)),
      ("ndx_outbox_log_distrusted", state.proofProblem == nil ? 0 : 1),
    ]
  }
}
