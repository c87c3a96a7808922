import Crypto
import Model
import Testing
import TransparencyLog

@Suite struct CheckpointTests {
  /// The example of c2sp.org/tlog-checkpoint.
  static let example =
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

  @Test func theExampleOfTheFormatIsReadAndWritten() throws {
    let checkpoint = try Checkpoint(text: Self.example)
    #expect(checkpoint.origin == "example.com/behind-the-sofa")
    #expect(checkpoint.size == 20_852_163)
    #expect(checkpoint.text == Self.example)
    #expect(try Checkpoint(text: Self.example + "extension\n") == checkpoint)
  }

  @Test(arguments: [
    "", "a\n", "a\n1\n", "\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
    "a\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
    "a\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
    "a\n9223372036854775808\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
    "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n",
    "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
    "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n",
    "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nno end",
  ])
  func otherTextsAreRefused(_ text: String) {
    #expect(throws: LogFormatError.self) { try Checkpoint(text: text) }
  }

  @Test func aCheckpointOfAnotherOriginIsRefusedEvenWhenSigned() throws {
    let signer = try NoteSigner(name: "ndx.local/audit", key: .generate())
    let own = Checkpoint(origin: "ndx.local/audit", size: 0, root: MerkleHash.empty)
    let foreign = Checkpoint(origin: "other.example", size: 0, root: MerkleHash.empty)
    let key = signer.verifierKey
    let note = try signer.sign(own.text).description
    #expect(try Checkpoint.verified(note.utf8, with: key) == own)
    #expect(throws: LogFormatError.foreignOrigin("other.example")) {
      try Checkpoint.verified(signer.sign(foreign.text).description.utf8, with: key)
    }
  }
}
