import Crypto
import Model
import Testing
import TransparencyLog

@Suite struct WitnessAnswerTests {
  private let scene: WitnessScene
  private let request: AddCheckpointRequest

  init() throws {
    scene = try WitnessScene()
    request = try scene.request(from: 7, to: 300)
  }

  private func reply(_ answer: WitnessAnswer) -> WitnessReply {
    WitnessReply(answer, to: request, of: scene.witness.witnessKey)
  }

  @Test func theNewestValidCosignatureIsTaken() throws {
    let text = request.checkpoint.text
    let stranger = try WitnessSigner(name: "witness.example/w1", key: .generate())
    let lines = try [
      stranger.cosign(text, at: 9), scene.witness.cosign(text, at: 5),
      scene.witness.cosign(text, at: 6), scene.witness.cosign("other\n", at: 8),
    ]
    let reply = reply(WitnessAnswer(cosignatures: lines))
    guard case .cosigned(let cosignature) = reply else {
      Issue.record("\(reply)")
      return
    }
    #expect(cosignature.seconds == 6 && cosignature.line == lines[2])
  }

  @Test func anAnswerWithoutAValidCosignatureIsOfNoUse() throws {
    let stranger = try WitnessSigner(name: "witness.example/w1", key: .generate())
    let text = request.checkpoint.text
    for lines in [[], [try stranger.cosign(text, at: 1)], [try scene.witness.cosign("x\n", at: 1)]]
    {
      #expect(
        reply(WitnessAnswer(cosignatures: lines))
          == .unusable("no valid cosignature of witness.example/w1"))
    }
    #expect(reply(.text(200, "hello")) == .unusable("no valid cosignature of witness.example/w1"))
  }

  @Test func aConflictTellsTheSizeOrContradicts() {
    func conflict(_ body: String, _ type: String = "text/x.tlog.size") -> WitnessReply {
      reply(WitnessAnswer(status: 409, contentType: type, body: Array(body.utf8)))
    }
    #expect(conflict("300\n") == .remembers(size: 300))
    #expect(conflict("0\n") == .remembers(size: 0))
    #expect(conflict("7\n") == .contradiction)
    for body in ["", "300", "0300\n", "300\n\n", "-1\n", "9223372036854775808\n", "three\n"] {
      #expect(conflict(body) == .unusable("status 409 without a size"))
    }
    #expect(conflict("300\n", "text/plain") == .unusable("status 409 without a size"))
  }

  @Test func aProofThatIsRefusedContradicts() {
    #expect(reply(.text(422, "no")) == .contradiction)
    for status in [400, 403, 404, 429, 500, 503, 301] {
      #expect(reply(.text(status, "no")) == .unusable("status \(status)"))
    }
  }
}
