import Model

/// The newest checkpoint of a log that a witness has cosigned.
package struct WitnessedCheckpoint: Sendable, Hashable {
  package let checkpoint: Checkpoint
  /// As the log signed it.
  package let note: SignedNote

  package init(checkpoint: Checkpoint, note: SignedNote) {
    self.checkpoint = checkpoint
    self.note = note
  }
}

/// Two checkpoints of one log that do not go together.
package struct LogConflict: Sendable, Hashable {
  package enum Kind: String, Sendable, Hashable {
    /// Two roots of one size, both signed by the log: this alone proves that it has shown two histories.
    case fork
    /// The log signed another checkpoint and whoever sent it had no proof that it extends the first. A log that works
    /// never sends such a thing, but anybody may have.
    case unproven
  }
  package let kind: Kind
  package let first: SignedNote
  package let second: SignedNote

  package init(kind: Kind, first: SignedNote, second: SignedNote) {
    self.kind = kind
    self.first = first
    self.second = second
  }
}

/// What a witness does about a request.
package enum WitnessDecision: Sendable, Hashable {
  /// 200: remember this, durably, and then cosign it.
  case cosign(WitnessedCheckpoint)
  /// 400: the old size is larger than the new one, or the checkpoint is malformed.
  case malformed
  /// 403: no key of this log has signed it.
  case notSigned
  /// 404: no log of this name is known.
  case unknownLog
  /// 409: the witness has cosigned another size. Or this very size with another root; then there is a conflict.
  case conflict(size: Int, evidence: LogConflict?)
  /// 422: the proof does not hold.
  case unproven(LogConflict?)
}

/// The rule of a witness (c2sp.org/tlog-witness): it cosigns what extends everything that it has cosigned of a log.
package enum WitnessRule {
  /// The log that a request is about, before anything of it is believed; nil when the checkpoint has not its form.
  package static func origin(of request: AddCheckpointRequest) -> String? {
    (try? Checkpoint(text: request.checkpoint.text))?.origin
  }

  /// - Parameters:
  ///   - keys: the keys of the log of the request's origin; none when no such log is known.
  ///   - remembered: the newest checkpoint of this log that the witness has cosigned; nil before the first.
  package static func decide(
    _ request: AddCheckpointRequest, keys: [VerifierKey], remembered: WitnessedCheckpoint?
  ) -> WitnessDecision {
    guard let checkpoint = try? Checkpoint(text: request.checkpoint.text) else { return .malformed }
    let own = keys.filter { $0.name.utf8.elementsEqual(checkpoint.origin.utf8) }
    guard !own.isEmpty else { return .unknownLog }
    guard own.contains(where: { (try? request.checkpoint.verify(with: $0)) != nil }) else {
      return .notSigned
    }
    guard request.oldSize <= checkpoint.size else { return .malformed }
    let (size, root) =
      remembered.map { ($0.checkpoint.size, $0.checkpoint.root) } ?? (0, MerkleHash.empty)
    if checkpoint.size == size, checkpoint.root != root {
      return .conflict(size: size, evidence: conflict(.fork, remembered, request))
    }
    guard request.oldSize == size else { return .conflict(size: size, evidence: nil) }
    guard
      ProofVerification.consistency(
        from: size, firstRoot: root, to: checkpoint.size, secondRoot: checkpoint.root,
        proof: request.proof)
    else { return .unproven(conflict(.unproven, remembered, request)) }
    return .cosign(WitnessedCheckpoint(checkpoint: checkpoint, note: request.checkpoint))
  }

  private static func conflict(
    _ kind: LogConflict.Kind, _ first: WitnessedCheckpoint?, _ request: AddCheckpointRequest
  ) -> LogConflict? {
    first.map { LogConflict(kind: kind, first: $0.note, second: request.checkpoint) }
  }
}
