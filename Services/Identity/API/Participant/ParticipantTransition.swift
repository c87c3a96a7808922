import IdentityDomain
import IdentityStore
import Model
import RPC
import ServiceRuntime

/// What all transitions of a participant share: load, apply a rule, save, tell.
struct ParticipantTransition: Sendable {
  /// Past participle for the audit event: "verified".
  let event: String
  var payload: [String: String] = [:]
  /// What the transition does to the participant's credentials.
  var effect: Effect = .none

  enum Effect: Sendable {
    case none
    /// Everything is refused until it is lifted.
    case block
    /// What was issued before the block stays refused.
    case unblock
    /// The access tokens issued until now are refused; certificates stay good.
    case endTokens
  }

  func apply(
    to id: ParticipantID, _ transaction: Transaction,
    rule: (inout Participant, ParticipantCaller) throws -> Void
  ) throws -> IdentityV1.Participant {
    transaction.concerns("participant/\(id)")
    let caller = try transaction.context.participant()
    var participant = try ParticipantTable.get(id, transaction.db)
    try rule(&participant, caller)
    try ParticipantTable.update(participant, transaction.db)
    var payload = payload
    if let epoch = try revoke(id, transaction) { payload["epoch"] = String(epoch) }
    payload["state"] = participant.state.protoName
    try transaction.emit(
      AuditEvent(
        kind: "participant.\(event)",
        subjects: ["participant/\(id)", "participant/\(caller.participantID)"], payload: payload))
    return participant.wire
  }

  private func revoke(_ id: ParticipantID, _ transaction: Transaction) throws -> Int64? {
    func append(
      _ subject: RevokedSubject, isBlocked: Bool, cutoff: Timestamp? = nil
    ) throws -> Int64 {
      try RevocationTable.append(
        subject, isBlocked: isBlocked, cutoff: cutoff, at: transaction.now, transaction.db)
    }
    switch effect {
    case .none: return nil
    case .block: return try append(.participant(id), isBlocked: true)
    case .endTokens: return try append(.tokens(id), isBlocked: false)
    case .unblock:
      let block = try RevocationTable.latest(of: id, transaction.db)
      return try append(.participant(id), isBlocked: false, cutoff: block?.notBefore)
    }
  }
}
