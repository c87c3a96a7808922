import IdentityDomain
import Model

extension Participant {
  var wire: IdentityV1.Participant {
    IdentityV1.Participant(
      id: id, kind: kind, state: state, environment: environment, name: name, legalID: legalID,
      jurisdiction: jurisdiction, roles: roles.sorted { $0.rawValue < $1.rawValue },
      blockedBy: blockedBy, nextActor: nextActor, createTime: createTime, updateTime: updateTime)
  }
}
