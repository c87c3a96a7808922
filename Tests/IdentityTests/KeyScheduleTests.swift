import IdentityDomain
import Model
import Testing

@Suite struct KeyScheduleTests {
  static let start = Timestamp(microseconds: 0)
  func time(hours: Double) -> Timestamp {
    Self.start.adding(microseconds: Int64(hours * 3_600_000_000))
  }

  @Test func theFirstKeySignsAtOnceAndItsSuccessorOnlyWhenItIsKnown() {
    let first = (id: "a", created: time(hours: 0))
    #expect(SigningKeySchedule.current([first], at: time(hours: 0)) == "a")
    let second = (id: "b", created: time(hours: 5.9))
    #expect(SigningKeySchedule.current([first, second], at: time(hours: 5.95)) == "a")
    #expect(SigningKeySchedule.current([first, second], at: time(hours: 6.1)) == "b")
    #expect(SigningKeySchedule.current([first], at: time(hours: 6)) == nil)
  }

  @Test func aKeyIsMadeBeforeTheLastOneEnds() {
    #expect(SigningKeySchedule.needsKey(created: [], at: time(hours: 0)))
    #expect(!SigningKeySchedule.needsKey(created: [time(hours: 0)], at: time(hours: 5.8)))
    #expect(SigningKeySchedule.needsKey(created: [time(hours: 0)], at: time(hours: 5.84)))
  }

  @Test func keysArePublishedForThirtyHours() {
    #expect(SigningKeySchedule.isPublished(created: time(hours: 0), at: time(hours: 29.9)))
    #expect(!SigningKeySchedule.isPublished(created: time(hours: 0), at: time(hours: 30)))
  }

  @Test func anUninterruptedRotationAlwaysHasAKeyThatVerifiersKnow() {
    var keys: [(id: Int, created: Timestamp)] = []
    for minute in 0..<(60 * 48) {
      let now = time(hours: Double(minute) / 60)
      if SigningKeySchedule.needsKey(created: keys.map(\.created), at: now) {
        keys.append((id: keys.count, created: now))
      }
      guard let current = SigningKeySchedule.current(keys, at: now) else {
        Issue.record("no key at minute \(minute)")
        return
      }
      let age = now.microseconds - keys[current].created.microseconds
      #expect(current == 0 || age >= SigningKeySchedule.preparationSeconds * 1_000_000)
    }
  }

  func issuer(_ serial: String, fromDay day: Double) -> IssuerSchedule.Issuer {
    IssuerSchedule.Issuer(
      serial: serial, notBefore: time(hours: day * 24), notAfter: time(hours: (day + 7) * 24))
  }

  @Test func anIssuerIsPreparedAtHalfAndSignsFromFiveSixths() {
    let first = issuer("a", fromDay: 0)
    #expect(IssuerSchedule.needsIssuer([], at: time(hours: 0)))
    #expect(!IssuerSchedule.needsIssuer([first], at: time(hours: 3.49 * 24)))
    #expect(IssuerSchedule.needsIssuer([first], at: time(hours: 3.5 * 24)))
    let both = [first, issuer("b", fromDay: 3.5)]
    #expect(!IssuerSchedule.needsIssuer(both, at: time(hours: 3.6 * 24)))
    #expect(IssuerSchedule.current(both, at: time(hours: 5.8 * 24)) == "a")
    #expect(IssuerSchedule.current(both, at: time(hours: 5.84 * 24)) == "b")
    #expect(IssuerSchedule.current([first], at: time(hours: 6.5 * 24)) == "a")
    #expect(IssuerSchedule.current([first], at: time(hours: 7 * 24)) == nil)
  }
}

@Suite struct AttemptLimiterTests {
  @Test func aBurstIsAllowedAndThenARate() throws {
    var limiter = AttemptLimiter()
    for _ in 0..<60 { try limiter.attempt(from: "a", at: Sample.now) }
    #expect(throws: IdentityError.tooManyAttempts) {
      try limiter.attempt(from: "a", at: Sample.now)
    }
    try limiter.attempt(from: "b", at: Sample.now)
    let later = Sample.now.adding(seconds: 1)
    for _ in 0..<5 { try limiter.attempt(from: "a", at: later) }
    #expect(throws: IdentityError.tooManyAttempts) { try limiter.attempt(from: "a", at: later) }
  }

  @Test func manyAddressesDoNotGrowItWithoutBoundNorFreeTheGreedy() throws {
    var limiter = AttemptLimiter()
    for _ in 0..<60 { try limiter.attempt(from: "greedy", at: Sample.now) }
    for number in 0..<10_000 { try limiter.attempt(from: "\(number)", at: Sample.now) }
    #expect(throws: IdentityError.tooManyAttempts) {
      try limiter.attempt(from: "greedy", at: Sample.now)
    }
  }
}

@Suite struct IdentityErrorTests {
  static let all: [IdentityError] = [
    .participantNotFound, .legalIDTaken, .kindNotRegistrable,
    .illegalTransition(from: .applied, to: .active), .secondPersonRequired,
    .participantNotActive(.suspended), .notYourParticipant, .roleNotApplicable(.registrar),
    .roleNotFit(.provider), .roleAlreadyBound(.provider), .roleNotBound(.provider), .ownRoles,
    .staffEnrolment, .enrolmentTokenUnknown, .enrolmentTokenUsed, .enrolmentTokenExpired,
    .signingRequestInvalid, .keyNotAcceptable, .hostNotValid(index: 2), .lifetimeOutOfRange,
    .credentialNotFound, .credentialAlreadyRevoked, .credentialNotRenewable, .audienceUnknown,
    .tooManyAttempts, .noIssuer, .epochUnknown,
  ]

  @Test func everyRefusalHasItsOwnReasonAndBothTexts() {
    #expect(Set(Self.all.map(\.reason)).count == Self.all.count)
    for error in Self.all {
      #expect(error.reason.allSatisfy { $0.isUppercase || $0 == "_" })
      #expect(!error.text.vi.isEmpty && !error.text.en.isEmpty && error.text.vi != error.text.en)
      #expect(error.status != .ok && error.status != .unknown && error.status != .internal)
      #expect((error.status == .invalidArgument) == !error.violations.isEmpty)
    }
    #expect(IdentityError.hostNotValid(index: 2).violations[0].field == "hosts[2]")
  }
}
