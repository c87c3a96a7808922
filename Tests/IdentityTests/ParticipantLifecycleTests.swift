import IdentityDomain
import Model
import Testing

@Suite struct ParticipantLifecycleTests {
  typealias State = IdentityV1.ParticipantState

  /// Every state, and the steps that lead out of it.
  static let steps: [(name: String, from: Set<State>, to: State)] = [
    ("verify", [.applied], .verified), ("approve", [.verified], .active),
    ("reject", [.applied, .verified], .rejected), ("suspend", [.active], .suspended),
    ("reinstate", [.suspended], .active), ("terminate", [.active, .suspended], .terminated),
  ]

  func take(_ step: String, _ participant: inout Participant) throws {
    let later = Sample.now.adding(seconds: 1)
    switch step {
    case "verify": try participant.verify(by: Sample.registrar, evidence: "e", at: later)
    case "approve": try participant.approve(by: Sample.secondRegistrar, at: later)
    case "reject": try participant.reject(reason: "r", at: later)
    case "suspend": try participant.suspend(reason: "r", at: later)
    case "reinstate": try participant.reinstate(reason: "r", at: later)
    default: try participant.terminate(reason: "r", at: later)
    }
  }

  @Test func everyStepIsTakenFromItsStatesAloneAndRefusalsChangeNothing() throws {
    for step in Self.steps {
      for state in State.allCases where state != .unspecified {
        var participant = try Sample.application()
        participant.state = state
        let before = participant
        if step.from.contains(state) {
          try take(step.name, &participant)
          #expect(participant.state == step.to)
          #expect(participant.updateTime > before.updateTime)
        } else {
          #expect(throws: IdentityError.illegalTransition(from: state, to: step.to)) {
            try take(step.name, &participant)
          }
          #expect(participant == before)
        }
      }
    }
  }

  @Test func whoeverVerifiedMayNotApprove() throws {
    var participant = try Sample.application()
    try participant.verify(by: Sample.registrar, evidence: "e", at: Sample.now)
    #expect(throws: IdentityError.secondPersonRequired) {
      try participant.approve(by: Sample.registrar, at: Sample.now)
    }
    #expect(participant.state == .verified)
    try participant.approve(by: Sample.secondRegistrar, at: Sample.now)
    #expect(participant.roles == [.consumer, .organisationAdmin])
  }

  @Test func onlyActiveParticipantsMayAct() throws {
    for state in State.allCases {
      var participant = try Sample.application()
      participant.state = state
      if state == .active {
        try participant.requireActive()
      } else {
        #expect(throws: IdentityError.participantNotActive(state)) {
          try participant.requireActive()
        }
      }
    }
  }

  @Test func everyWaitingStateSaysWhoMovesItOn() throws {
    for state in [State.applied, .verified, .suspended] {
      var participant = try Sample.application()
      participant.state = state
      #expect(!participant.blockedBy.isEmpty && participant.nextActor == .registrar)
    }
    #expect(try Sample.active().blockedBy.isEmpty)
  }
}

@Suite struct RoleRulesTests {
  @Test func applicantsAskForBusinessRolesOfTheirKind() throws {
    #expect(try Sample.application(roles: [.provider, .consumer]).roles.count == 2)
    #expect(throws: IdentityError.roleNotApplicable(.registrar)) {
      try Sample.application(roles: [.consumer, .registrar])
    }
    #expect(throws: IdentityError.roleNotApplicable(.organisationAdmin)) {
      try Sample.application(roles: [.organisationAdmin])
    }
    #expect(throws: IdentityError.roleNotFit(.citizen)) {
      try Sample.application(roles: [.citizen])
    }
    #expect(throws: IdentityError.roleNotFit(.provider)) {
      try Sample.application(kind: .citizen, roles: [.provider])
    }
    #expect(throws: IdentityError.kindNotRegistrable) { try Sample.application(kind: .operator) }
  }

  @Test func staffAndBusinessRolesDoNotMix() throws {
    for role in RoleRules.staff {
      #expect(throws: IdentityError.roleNotFit(role)) {
        try RoleRules.requireFit(role, for: .enterprise)
      }
      try RoleRules.requireFit(role, for: .operator)
    }
    for role in RoleRules.applicable.union([.organisationAdmin]) {
      #expect(throws: IdentityError.roleNotFit(role)) {
        try RoleRules.requireFit(role, for: .operator)
      }
    }
    #expect(throws: IdentityError.self) { try RoleRules.requireFit(.unspecified, for: .operator) }
  }

  @Test func rolesAreBoundOnceAndByOthers() throws {
    var participant = try Sample.active()
    try participant.bind(.provider, by: Sample.registrar, at: Sample.now)
    #expect(throws: IdentityError.roleAlreadyBound(.provider)) {
      try participant.bind(.provider, by: Sample.registrar, at: Sample.now)
    }
    #expect(throws: IdentityError.ownRoles) {
      try participant.bind(.citizen, by: participant.id, at: Sample.now)
    }
    try participant.unbind(.provider, by: Sample.registrar, at: Sample.now)
    #expect(throws: IdentityError.roleNotBound(.provider)) {
      try participant.unbind(.provider, by: Sample.registrar, at: Sample.now)
    }
    participant.state = .suspended
    #expect(throws: IdentityError.participantNotActive(.suspended)) {
      try participant.bind(.provider, by: Sample.registrar, at: Sample.now)
    }
  }
}
