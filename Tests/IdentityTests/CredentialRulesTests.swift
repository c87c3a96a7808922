import Crypto
import IdentityDomain
import Model
import Testing

@Suite struct CredentialRulesTests {
  @Test func anEnrolmentTokenWorksOnceAndForTenMinutes() throws {
    let issued = EnrolmentToken.issue(for: try Sample.holder(), at: Sample.now)
    #expect(issued.secret.count == 43)
    #expect(issued.token.secretDigest == EnrolmentToken.digest(of: issued.secret))
    var token = issued.token
    try token.use(at: Sample.now.adding(seconds: 599))
    #expect(throws: IdentityError.enrolmentTokenUsed) { try token.use(at: Sample.now) }
    token = issued.token
    #expect(throws: IdentityError.enrolmentTokenExpired) {
      try token.use(at: Sample.now.adding(seconds: 600))
    }
    #expect(token.useTime == nil)
  }

  @Test func registrarsHaveTokensMadeForOthersButNotForStaff() throws {
    let company = try Sample.active()
    var officer = try Sample.active(legalID: "2")
    officer = Participant(
      id: officer.id, kind: .operator, environment: .live, name: officer.name, legalID: "2",
      jurisdiction: "VN", roles: [.securityOfficer], state: .active, createTime: Sample.now,
      updateTime: Sample.now)
    func request(_ target: Participant, by caller: ParticipantID, isRegistrar: Bool) throws {
      try EnrolmentToken.requireIssuable(for: target, by: caller, isRegistrar: isRegistrar)
    }
    try request(company, by: Sample.registrar, isRegistrar: true)
    try request(company, by: company.id, isRegistrar: false)
    try request(officer, by: officer.id, isRegistrar: false)
    #expect(throws: IdentityError.notYourParticipant) {
      try request(company, by: Sample.registrar, isRegistrar: false)
    }
    #expect(throws: IdentityError.staffEnrolment) {
      try request(officer, by: Sample.registrar, isRegistrar: true)
    }
    var waiting = try Sample.application()
    #expect(throws: IdentityError.participantNotActive(.applied)) {
      try request(waiting, by: Sample.registrar, isRegistrar: true)
    }
    waiting.state = .suspended
    #expect(throws: IdentityError.participantNotActive(.suspended)) {
      try request(waiting, by: waiting.id, isRegistrar: false)
    }
  }

  @Test func hostsAreNamesOrAddresses() throws {
    _ = try Sample.holder(hosts: ["data.example.vn", "10.0.0.1", "::1"])
    #expect(throws: IdentityError.hostNotValid(index: 1)) {
      try Sample.holder(hosts: ["ok.example", "not a host"])
    }
  }

  @Test func lifetimesLieBetweenFiveMinutesAndADay() throws {
    func validity(_ seconds: Int64) throws -> CertificateValidity {
      try CertificateValidity(requestedSeconds: seconds, at: Sample.now, cutoff: nil)
    }
    #expect(try validity(0).notAfter == Sample.now.adding(seconds: 3600))
    #expect(try validity(300).notBefore == Sample.now.adding(seconds: -60))
    #expect(try validity(86_400).notAfter == Sample.now.adding(seconds: 86_400))
    for seconds: Int64 in [1, 299, 86_401, -1] {
      #expect(throws: IdentityError.lifetimeOutOfRange) { try validity(seconds) }
    }
  }

  @Test func aCertificateIsNeverBackdatedBeforeACutoff() throws {
    let cutoff = RevocationCutoff.after(Sample.now.adding(seconds: -10))
    let validity = try CertificateValidity(requestedSeconds: 0, at: Sample.now, cutoff: cutoff)
    #expect(validity.notBefore == cutoff)
  }

  @Test func cutoffsAreTheNextWholeSecond() {
    #expect(
      RevocationCutoff.after(Timestamp(microseconds: 5_500_000)).microseconds == 6_000_000)
    #expect(
      RevocationCutoff.after(Timestamp(microseconds: 5_000_000)).microseconds == 6_000_000)
    #expect(RevocationCutoff.after(Timestamp(microseconds: -500_000)).microseconds == 0)
  }

  @Test func theLatestCutoffCounts() {
    let early = Timestamp(microseconds: 1)
    let late = Timestamp(microseconds: 2)
    #expect(RevocationCutoff.effective(early, nil, late) == late)
    #expect(RevocationCutoff.effective(nil, nil) == nil)
    #expect(RevocationCutoff.issueTime(at: early, cutoff: late) == late)
    #expect(RevocationCutoff.issueTime(at: late, cutoff: early) == late)
    #expect(RevocationCutoff.issueTime(at: late, cutoff: nil) == late)
  }

  @Test func aCredentialIsRevokedOnceAndRenewedWhileValid() throws {
    var credential = IssuedCredential(
      id: .make(at: Sample.now), holder: try Sample.holder(), serial: "40",
      fingerprint: .sha256Zero, notBefore: Sample.now, notAfter: Sample.now.adding(seconds: 600))
    try credential.requireRenewable(at: Sample.now)
    #expect(credential.state(at: Sample.now.adding(seconds: 601)) == .expired)
    #expect(throws: IdentityError.credentialNotRenewable) {
      try credential.requireRenewable(at: Sample.now.adding(seconds: 601))
    }
    try credential.revoke(reason: "lost", at: Sample.now)
    #expect(credential.state(at: Sample.now) == .revoked)
    #expect(throws: IdentityError.credentialNotRenewable) {
      try credential.requireRenewable(at: Sample.now)
    }
    #expect(throws: IdentityError.credentialAlreadyRevoked) {
      try credential.revoke(reason: "again", at: Sample.now)
    }
  }
}

extension Digest {
  static var sha256Zero: Digest { .sha256(of: "") }
}
