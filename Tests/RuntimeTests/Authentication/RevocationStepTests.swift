import Codec
import Crypto
import Model
import ServiceRuntime
import Testing

@Suite struct RevocationStepTests {
  private let key: P256PrivateKey
  private let step: IdentityV1.WatchRevocationsResponse

  init() throws {
    key = try P256PrivateKey.generate()
    let participant = ParticipantID.make(at: WallClock.system.now())
    step = IdentityV1.WatchRevocationsResponse(
      revocations: [
        IdentityV1.Revocation(
          epoch: 7, subject: .participant, subjectID: participant.description,
          notBefore: WallClock.system.now(), blocked: true)
      ], epoch: 7, asOf: WallClock.system.now())
  }

  private func overTheWire(
    _ step: IdentityV1.WatchRevocationsResponse
  ) throws -> IdentityV1.WatchRevocationsResponse {
    try IdentityV1.WatchRevocationsResponse.decode(step.serialized())
  }

  @Test func aSignatureHoldsOverTheWireAndForNothingElse() throws {
    let keys = JSONWebKeySet(keys: ["one": key.publicKey])
    let signed = try overTheWire(step.signed(by: key, keyID: "one"))
    #expect(signed.isSigned(by: keys))
    var changed = signed
    changed.revocations = []
    #expect(!changed.isSigned(by: keys))
    changed = signed
    changed.asOf = signed.asOf.adding(microseconds: 1)
    #expect(!changed.isSigned(by: keys))
    changed = signed
    changed.keyID = "two"
    #expect(!changed.isSigned(by: keys))
  }

  /// Key ids are thumbprints in base64url: one in thirty begins with a dash or an underscore.
  @Test(arguments: ["-", "_"]) func anyKeyIDTravels(first: String) throws {
    var key = key
    while !key.publicKey.thumbprint.hasPrefix(first) { key = try P256PrivateKey.generate() }
    let id = key.publicKey.thumbprint
    let signed = try overTheWire(step.signed(by: key, keyID: id))
    #expect(signed.isSigned(by: JSONWebKeySet(keys: [id: key.publicKey])))
  }

  @Test func laterWordsOnASubjectWin() throws {
    let view = RevocationView(isAuthoritative: true)
    let participant = ParticipantID(high: 1, low: 1)
    let system = SystemID(high: 2, low: 2)
    let now = WallClock.system.now()
    func isRevoked() -> Bool {
      view.isRevoked(participant: participant, system: system, serial: "01", issued: now)
    }
    let stopped = RevocationEntry(
      epoch: 2, subject: .participant(participant), notBefore: now, isBlocked: true)
    let reinstated = RevocationEntry(
      epoch: 3, subject: .participant(participant), notBefore: now.adding(seconds: -1))
    view.apply([stopped], epoch: 2, asOf: now)
    #expect(isRevoked())
    view.apply([reinstated], epoch: 3, asOf: now)
    #expect(!isRevoked())
    view.apply([stopped], epoch: 2, asOf: now)
    #expect(!isRevoked())
    #expect(view.epoch == 3)
  }
}
