import Crypto
import Model
import Testing
import TransparencyLog

/// A key of RFC 8032, 7.1 (test 1, its last byte aside), and what another program (Python's cryptography) made with it of
/// the checkpoint of c2sp.org/tlog-cosignature.
private let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
private let known =
  "witness.example.com/w1+7e6f4aaa+BNdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"
private let line =
  "— witness.example.com/w1 fm9KqgAAAABkGFDL+TPmh4BYuAjsYRoqMJCWb/gWJaeRF/kmm5tlCr9sJ57DLErur7K0yDXc2ArN+TIuotuB/HbuL3AJsp3bv/aNCQ==\n"
private let text = CheckpointTests.example

@Suite struct CosignatureTests {
  private let signer: WitnessSigner

  init() throws {
    let key = try Ed25519PrivateKey(rawRepresentation: try #require(Hex.decode(seed)))
    signer = try WitnessSigner(name: "witness.example.com/w1", key: key)
  }

  @Test func otherProgramsCosignatureIsMadeByteForByte() throws {
    #expect(signer.witnessKey.description == known)
    #expect(try signer.cosign(text, at: 1_679_315_147).description == line)
  }

  @Test func otherProgramsCosignatureIsAccepted() throws {
    let key = try WitnessKey(known)
    let read = try #require(try NoteSignature.lines(line.utf8).first)
    let cosignature = try #require(key.cosignature(read, of: text))
    #expect(cosignature.seconds == 1_679_315_147)
    #expect(cosignature.time == Timestamp("2023-03-20T12:25:47Z"))
    #expect(key.description == known)
  }

  /// The example of the format; its keys are not published.
  @Test func theExampleOfTheFormatIsRead() throws {
    let note = try SignedNote(
      """
      \(text)
      — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
      — witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==

      """.utf8)
    #expect(note.signatures.map(\.signature.count) == [64, 72])
    #expect(Hex.encode(Array(note.signatures[1].signature.prefix(8))) == "00000000641850cb")
    #expect(signer.witnessKey.cosignature(on: note) == nil)
  }

  @Test func changingAnyByteOfACosignatureIsNoticed() throws {
    let key = signer.witnessKey
    let read = try #require(try NoteSignature.lines(line.utf8).first)
    for position in read.signature.indices {
      var bytes = read.signature
      bytes[position] ^= 0x81
      let altered = NoteSignature(name: read.name, keyID: read.keyID, signature: bytes)
      #expect(key.cosignature(altered, of: text) == nil, "byte \(position)")
    }
    let others = [
      NoteSignature(name: "other", keyID: read.keyID, signature: read.signature),
      NoteSignature(name: read.name, keyID: [0, 0, 0, 0], signature: read.signature),
      NoteSignature(name: read.name, keyID: read.keyID, signature: read.signature.dropLast()),
      NoteSignature(name: read.name, keyID: read.keyID, signature: read.signature + [0]),
    ]
    #expect(others.allSatisfy { key.cosignature($0, of: text) == nil })
    #expect(key.cosignature(read, of: text + "extension\n") == nil)
  }

  @Test func theKeyOfALogIsNoKeyOfAWitness() throws {
    let key = try Ed25519PrivateKey(rawRepresentation: try #require(Hex.decode(seed)))
    let log = try NoteSigner(name: "witness.example.com/w1", key: key)
    #expect(throws: LogFormatError.self) { try WitnessKey("\(log.verifierKey)") }
    #expect(throws: LogFormatError.self) { try VerifierKey(known) }
    let note = try log.sign(text)
    #expect(signer.witnessKey.cosignature(on: note) == nil)
    let cosigned = try note.adding([signer.cosign(text, at: 1)])
    try cosigned.verify(with: log.verifierKey)
  }

  @Test func theLatestValidCosignatureCounts() throws {
    let log = try NoteSigner(name: "example.com/behind-the-sofa", key: .generate())
    let note = try log.sign(text)
    let lines = try [5, 9, 7].map { try signer.cosign(text, at: $0) }
    let wrong = try signer.cosign(text + "other\n", at: 11)
    let cosigned = note.adding(lines + [wrong, lines[0]])
    #expect(cosigned.signatures.count == 5)
    #expect(signer.witnessKey.cosignature(on: cosigned)?.seconds == 9)
    #expect(try SignedNote(cosigned.description.utf8) == cosigned)
  }

  @Test(arguments: ["x", "— name AAAA\n", "— name AAAAAAA=", "\n", "text\n\n— name AAAAAAA=\n"])
  func whatIsNotASignatureLineIsRefused(_ text: String) {
    #expect(throws: LogFormatError.self) { try NoteSignature.lines(text.utf8) }
  }
}
