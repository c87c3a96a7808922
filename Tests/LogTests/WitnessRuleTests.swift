import Crypto
import Model
import Testing
import TransparencyLog

@Suite struct WitnessRuleTests {
  private let scene: WitnessScene

  init() throws { scene = try WitnessScene() }

  @Test(
    arguments: [
      (nil, 0), (nil, 1), (nil, 300), (0, 0), (0, 7), (1, 2), (7, 7), (7, 8), (128, 256),
      (255, 300),
      (256, 257), (299, 300), (300, 300),
    ] as [(Int?, Int)])
  func whatExtendsEverythingSeenIsCosigned(_ seen: Int?, _ size: Int) throws {
    let request = try scene.request(from: seen ?? 0, to: size)
    let decision = try scene.decide(request, remembering: seen)
    #expect(decision == .cosign(try scene.seen(size)))
    #expect(WitnessAnswer(refusal: decision) == nil)
  }

  @Test func anOldSizeThatIsNotTheRememberedOneGetsTheRememberedSize() throws {
    for (old, size, seen) in [(0, 300, 7), (8, 300, 7), (6, 6, 7), (1, 300, nil as Int?)] {
      let decision = try scene.decide(scene.request(from: old, to: size), remembering: seen)
      #expect(decision == .conflict(size: seen ?? 0, evidence: nil))
      let answer = try #require(WitnessAnswer(refusal: decision))
      #expect(answer.status == 409 && answer.contentType == "text/x.tlog.size")
      #expect(answer.body == Array("\(seen ?? 0)\n".utf8))
    }
  }

  @Test(arguments: [0, 7, 300])
  func twoRootsOfOneSizeAreAForkWhateverTheOldSizeIs(_ old: Int) throws {
    let request = try scene.request(from: old, to: 300, of: scene.fork)
    let evidence = LogConflict(
      kind: .fork, first: try scene.note(300), second: try scene.note(300, of: scene.fork))
    let decision = try scene.decide(request, remembering: 300)
    #expect(decision == .conflict(size: 300, evidence: evidence))
    #expect(WitnessAnswer(refusal: decision)?.status == 409)
  }

  @Test func anEmptyLogHasOneRoot() throws {
    let note = try scene.log.sign(
      Checkpoint(origin: "ndx.local/audit", size: 0, root: .zero).text)
    let request = AddCheckpointRequest(oldSize: 0, proof: [], checkpoint: note)
    #expect(try scene.decide(request, remembering: nil) == .conflict(size: 0, evidence: nil))
  }

  @Test func whatDoesNotExtendTheRememberedIsNotCosigned() throws {
    let other = StoredTiles(Array(ReferenceTree.entries(301).dropFirst()))
    let request = try scene.request(from: 7, to: 300, of: other)
    let decision = try scene.decide(request, remembering: 7)
    let evidence = LogConflict(
      kind: .unproven, first: try scene.note(7), second: request.checkpoint)
    #expect(decision == .unproven(evidence))
    #expect(WitnessAnswer(refusal: decision)?.status == 422)
    let honest = try scene.request(from: 7, to: 300)
    for proof in [[], honest.proof.dropLast(), honest.proof + [.zero], honest.proof.reversed()] {
      let bent = AddCheckpointRequest(
        oldSize: 7, proof: Array(proof), checkpoint: honest.checkpoint)
      let decision = try scene.decide(bent, remembering: 7)
      #expect(WitnessAnswer(refusal: decision)?.status == 422)
    }
    let surplus = AddCheckpointRequest(
      oldSize: 0, proof: [.zero], checkpoint: honest.checkpoint)
    #expect(try scene.decide(surplus, remembering: nil) == .unproven(nil))
  }

  @Test func onlyTheLogItselfIsHeard() throws {
    let request = try scene.request(from: 0, to: 7)
    let namesake = try NoteSigner(name: "ndx.local/audit", key: .generate()).verifierKey
    let other = try NoteSigner(name: "other.example", key: .generate()).verifierKey
    func decide(_ keys: [VerifierKey]) -> WitnessDecision {
      WitnessRule.decide(request, keys: keys, remembered: nil)
    }
    #expect(WitnessRule.origin(of: request) == "ndx.local/audit")
    #expect(decide([]) == .unknownLog && decide([other]) == .unknownLog)
    #expect(decide([namesake]) == .notSigned)
    #expect(decide([namesake, scene.log.verifierKey]) == .cosign(try scene.seen(7)))
    #expect(WitnessAnswer(refusal: .unknownLog)?.status == 404)
    #expect(WitnessAnswer(refusal: .notSigned)?.status == 403)
  }

  @Test func anOldSizeAboveTheNewOneIsMalformed() throws {
    let decision = try scene.decide(scene.request(from: 8, to: 7), remembering: 8)
    #expect(decision == .malformed)
    #expect(WitnessAnswer(refusal: decision)?.status == 400)
    let note = try scene.log.sign("ndx.local/audit\n07\nroot\n")
    let request = AddCheckpointRequest(oldSize: 0, proof: [], checkpoint: note)
    #expect(try scene.decide(request, remembering: nil) == .malformed)
    #expect(WitnessRule.origin(of: request) == nil)
  }

  @Test func requestsAreReadAsTheyWereWritten() throws {
    for (old, size) in [(0, 0), (0, 300), (7, 300), (300, 300)] {
      let request = try scene.request(from: old, to: size)
      #expect(try AddCheckpointRequest(request.bytes) == request)
    }
  }

  /// The example of c2sp.org/tlog-witness.
  @Test func theExampleOfTheProtocolIsRead() throws {
    let body = """
      old 20852014
      PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
      jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
      5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
      /6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

      \(CheckpointTests.example)
      — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
      — example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=

      """
    let request = try AddCheckpointRequest(body.utf8)
    #expect(request.oldSize == 20_852_014 && request.proof.count == 4)
    #expect(request.checkpoint.signatures.count == 2)
    #expect(request.bytes == Array(body.utf8))
  }

  @Test(arguments: [
    "", "old", "old 1", "old 1\n", "old 1\n\n", "old 01\n\nNOTE", "old -1\n\nNOTE", "Old 1\n\nNOTE",
    "old 9223372036854775808\n\nNOTE", "old 1\nAAAA\n\nNOTE", "old 1\nNOTE", "old 1\r\n\r\nNOTE",
    "old  1\n\nNOTE", "old 1\n\n\nNOTE", "old 1\n\nNOTE\n", "\nold 1\n\nNOTE",
  ])
  func malformedRequestsAreRefused(_ text: String) throws {
    let note = try scene.note(7).description
    let body = text.replacing("NOTE", with: note)
    // A blank line before the checkpoint belongs to its text, which then is none.
    let request = try? AddCheckpointRequest(body.utf8)
    let decision = try request.map { try scene.decide($0, remembering: nil) }
    #expect(request == nil || decision == .malformed, "\(body)")
  }

  @Test func requestsAreLimited() throws {
    let note = try scene.note(7).description
    let line = String(repeating: "A", count: 43) + "=\n"
    func body(_ lines: Int) -> String { "old 7\n\(String(repeating: line, count: lines))\n\(note)" }
    #expect(try AddCheckpointRequest(body(63).utf8).proof.count == 63)
    #expect(throws: LogFormatError.malformed("proof hash")) {
      try AddCheckpointRequest(body(64).utf8)
    }
    let long = "old 7\n\n" + String(repeating: "a", count: LogLimits.addCheckpointBytes)
    #expect(throws: LogFormatError.self) { try AddCheckpointRequest(long.utf8) }
  }
}
