import AuditDomain
import Crypto
import Model
import Testing
import TransparencyLog

@Suite struct DomainTests {
  let id = EventID(high: 1, low: 2)

  private func known(_ candidate: Candidate, erased: Bool = false) -> KnownEvent {
    KnownEvent(
      index: 7, leafHash: candidate.leafHash, body: candidate.body,
      salt: erased ? nil : candidate.salt)
  }

  @Test func anEntryTellsNothingButThePublicPart() throws {
    let event = Events.event(3, id: id, payload: #"{"price":"2000000"}"#)
    let candidate = try Candidate(event, producer: "settlement")
    let entry = String(decoding: candidate.entry, as: UTF8.self)
    for secret in ["buyer", "order/1", "2000000"] { #expect(!entry.contains(secret)) }
    #expect(entry.contains("order.placed"))
    #expect(candidate.leafHash == MerkleHash.leaf(candidate.entry))
    #expect(candidate.details.commitment(salt: candidate.salt) == candidate.body.detailsHash)
  }

  @Test func twoEntriesOfTheSameEventCannotBeToldToBe() throws {
    let event = Events.event(3, id: id)
    let first = try Candidate(event, producer: "settlement")
    let second = try Candidate(event, producer: "settlement")
    #expect(first.body.detailsHash != second.body.detailsHash)
  }

  @Test func aRetryIsWhereItWas() throws {
    let event = Events.event(3, id: id)
    let first = try Candidate(event, producer: "settlement")
    let retry = try Candidate(event, producer: "settlement")
    let expected = AppendRule.Decision.known(index: 7, leafHash: first.leafHash)
    #expect(try AppendRule.decide(retry, known: known(first), next: 9) == expected)
    #expect(try AppendRule.decide(retry, known: known(first, erased: true), next: 9) == expected)
  }

  @Test func otherContentUnderAKnownIDConflicts() throws {
    let first = known(try Candidate(Events.event(3, id: id), producer: "settlement"))
    var changes = [AuditV1.Event](repeating: Events.event(3, id: id), count: 7)
    changes[0].payload = Array("{} ".utf8)
    changes[1].actor = "participant/other"
    changes[2].subjects = ["order/1"]
    changes[3].kind = "order.paid"
    changes[4].outcome = .refused
    changes[5].time = changes[5].time.adding(microseconds: 1)
    changes[6].producerSequence = 4
    for change in changes {
      #expect(throws: AuditError.eventConflict(id)) {
        try AppendRule.decide(
          Candidate(change, producer: "settlement"), known: first, next: 4)
      }
    }
    #expect(throws: AuditError.eventConflict(id)) {
      try AppendRule.decide(
        Candidate(Events.event(3, id: id), producer: "catalog"), known: first, next: 3)
    }
  }

  @Test func aNewEventMustBeTheNextOne() throws {
    let candidate = try Candidate(Events.event(3), producer: "settlement")
    #expect(try AppendRule.decide(candidate, known: nil, next: 3) == .append)
    let gap = AuditError.sequenceGap(producer: "settlement", expected: 2, received: 3)
    #expect(throws: gap) { try AppendRule.decide(candidate, known: nil, next: 2) }
    #expect(gap.metadata["expected_sequence"] == "2")
    #expect(throws: AuditError.sequenceReused(producer: "settlement", expected: 4, received: 3)) {
      try AppendRule.decide(candidate, known: nil, next: 4)
    }
  }

  @Test func fieldsWithoutAFormAreNamed() {
    var event = Events.event(1)
    event.traceparent = "not a trace"
    #expect(throws: InvalidArgument.self) { try Candidate(event, producer: "settlement") }
    event.traceparent = ""
    event.subjects = [""]
    do {
      _ = try Candidate(event, producer: "settlement", field: "events[4]")
      Issue.record("an empty subject was accepted")
    } catch {
      #expect((error as? InvalidArgument)?.violations.first?.field == "events[4].subjects")
    }
  }

  @Test func detailsAreForThoseTheyAreAbout() {
    let (buyer, seller, other) = (
      ParticipantID(high: 0, low: 1), ParticipantID(high: 0, low: 2), ParticipantID(high: 0, low: 3)
    )
    let details = EntryDetails(
      actor: "participant/\(buyer)", subjects: ["order/1", "participant/\(seller)"], payload: [])
    #expect(LogReader.unrestricted.mayRead(details))
    #expect(LogReader.participant(buyer).mayRead(details))
    #expect(LogReader.participant(seller).mayRead(details))
    #expect(!LogReader.participant(other).mayRead(details))
  }

  @Test func detailsOpenWithTheRightKeyAndEventOnly() throws {
    let details = EntryDetails(actor: "a", subjects: ["b"], payload: [1, 2])
    let key = SubjectKey(id: 1, key: SubjectKey.makeBytes())
    let sealed = try key.seal(details, of: id)
    #expect(try key.open(sealed, of: id) == details)
    #expect(throws: CryptoError.self) { try key.open(sealed, of: EventID(high: 1, low: 3)) }
    let other = SubjectKey(id: 2, key: SubjectKey.makeBytes())
    #expect(throws: CryptoError.self) { try other.open(sealed, of: id) }
  }

  @Test(arguments: [
    ("service/x", ["order/1", "participant/b", "participant/c"], "participant/b"),
    ("participant/a", ["order/1"], "participant/a"), ("service/x", ["order/1"], "order/1"),
    ("", [], "service/settlement"),
  ])
  func detailsAreSealedForAPersonWhereThereIsOne(
    _ actor: String, _ subjects: [String], _ holder: String
  ) {
    let details = EntryDetails(actor: actor, subjects: subjects, payload: [])
    #expect(SubjectKey.holder(of: details, producer: "settlement") == holder)
  }
}
