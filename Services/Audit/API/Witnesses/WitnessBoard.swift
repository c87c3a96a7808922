import AuditStore
import Model
import Synchronization
import TransparencyLog

/// What witnesses have said of the log, for those who ask.
final class WitnessBoard: Sendable {
  /// Nil when the log has no witnesses.
  let policy: WitnessPolicy?
  private struct State {
    var latest: [Int: (size: Int, time: Timestamp)] = [:]
    var quorum: SignedCheckpoint?
  }
  private let state: Mutex<State>

  /// - Parameter quorum: the newest stored checkpoint that satisfies the policy.
  init(_ policy: WitnessPolicy?, quorum: SignedCheckpoint? = nil) {
    self.policy = policy
    state = Mutex(State(quorum: quorum))
  }

  /// A witness has cosigned this checkpoint, which has all cosignatures that are kept of it.
  func note(_ cosignature: Cosignature, of witness: Int, on checkpoint: SignedCheckpoint) {
    let isEnough = isQuorum(checkpoint)
    state.withLock { state in
      if checkpoint.size >= state.latest[witness]?.size ?? 0 {
        state.latest[witness] = (checkpoint.size, cosignature.time)
      }
      if isEnough, checkpoint.size >= state.quorum?.size ?? 0 { state.quorum = checkpoint }
    }
  }

  /// Whether enough witnesses have cosigned it; false when the log has none.
  func isQuorum(_ checkpoint: SignedCheckpoint) -> Bool {
    guard let policy, let note = try? SignedNote(checkpoint.note.utf8) else { return false }
    return policy.isSatisfied(by: note)
  }

  /// The newest checkpoint that enough witnesses have cosigned; nil before the first, and when the log has no witnesses.
  var quorum: SignedCheckpoint? { policy == nil ? nil : state.withLock(\.quorum) }

  var witnesses: [AuditV1.WitnessState] {
    let latest = state.withLock(\.latest)
    return (policy?.witnesses ?? []).enumerated().map { index, witness in
      AuditV1.WitnessState(
        name: witness.name, verifierKey: witness.key.description,
        size: Int64(latest[index]?.size ?? 0), cosignTime: latest[index]?.time)
    }
  }
}
