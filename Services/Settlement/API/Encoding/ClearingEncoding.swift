import Model
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension AuditEvent {
  /// What happened to a window.
  init(_ kind: String, _ window: ClearingWindow, _ payload: [String: String] = [:]) {
    var described = [
      "state": window.state.name, "currency": window.key.currency.code,
      "environment": window.key.environment.protoName ?? "", "model": window.key.model.name,
      "first_transfer": "\(window.firstTransfer)",
    ]
    if let last = window.lastTransfer { described["last_transfer"] = "\(last)" }
    if let digest = window.digest { described["snapshot_sha256"] = digest.hex }
    if !window.abortReason.isEmpty { described["reason"] = window.abortReason }
    var subjects = ["window/\(window.id)"]
    if let participant = payload["participant"] { subjects.append("participant/\(participant)") }
    self.init(
      kind: kind, subjects: subjects,
      payload: described.merging(payload) { _, given in given })
  }
}

extension SettlementV1.Window {
  /// The window with the sums of its payments, which only staff see.
  init(_ window: ClearingWindow, _ legs: [Leg], forStaff: Bool = true) {
    let summary = LegSummary(legs)
    func total(_ direction: LegDirection) -> Int64 {
      guard forStaff else { return 0 }
      return legs.reduce(0) { $0 + ($1.direction == direction ? $1.amount : 0) }
    }
    self.init(
      id: window.id, currencyCode: window.key.currency.code, environment: window.key.environment,
      model: SettlementV1.SettlementModel(rawValue: window.key.model.rawValue),
      state: SettlementV1.WindowState(rawValue: window.state.rawValue),
      blockedBy: window.blockedBy(summary), nextActor: window.nextActor(summary),
      dueTime: window.dueTime, firstTransfer: window.firstTransfer,
      lastTransfer: window.lastTransfer ?? 0, attempt: window.attempt,
      snapshotSHA256: window.digest, payInTotal: total(.payIn), payOutTotal: total(.payOut),
      abortReason: window.abortReason, openTime: window.openTime, closeTime: window.closeTime,
      settleTime: window.settleTime)
  }
}

extension SettlementV1.Position {
  init(
    _ position: Position, owner: ParticipantID?, _ leg: Leg?, _ environment: TypeV1.Environment
  ) {
    self.init(
      accountID: position.accountID, ownerID: owner, debits: position.debits,
      credits: position.credits, net: position.net,
      leg: leg.map { leg in
        SettlementV1.Leg(
          direction: SettlementV1.LegDirection(rawValue: leg.direction.rawValue),
          amount: leg.amount, state: SettlementV1.LegState(rawValue: leg.state.rawValue),
          endToEndID: leg.endToEndID(environment), lastReason: leg.lastReason,
          bankReference: leg.bankReference, finalTime: leg.finalTime)
      })
  }
}

extension SettlementV1.Member {
  init(_ member: ClearingMember) {
    self.init(
      participantID: member.participantID, accountID: member.accountID,
      currencyCode: member.currency.code, environment: member.environment, name: member.name,
      bankBic: member.bankBIC, bankAccount: member.bankAccount, createTime: member.createTime)
  }
}
