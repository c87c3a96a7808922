import Crypto
import Model
import Testing

@Suite struct SHA256Tests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func standardVectorsMatch(text: String, hex: String) {
    #expect(Digest.sha256(of: text).hex == hex)
    var hasher = SHA256()
    for byte in text.utf8 { hasher.update([byte]) }
    #expect(hasher.finalize().hex == hex)
  }

  @Test func copiesOfAHasherGoTheirOwnWay() {
    var first = SHA256()
    first.update("ab".utf8)
    var second = first
    first.update("c".utf8)
    second.update("d".utf8)
    #expect(first.finalize() == Digest.sha256(of: "abc"))
    #expect(second.finalize() == Digest.sha256(of: "abd"))
  }

  @Test func finalizingLeavesTheHasherUsable() {
    var hasher = SHA256()
    hasher.update("a".utf8)
    #expect(hasher.finalize() == Digest.sha256(of: "a"))
    hasher.update("bc".utf8)
    #expect(hasher.finalize() == Digest.sha256(of: "abc"))
  }

  @Test func nonContiguousBytesHashAlike() {
    let bytes = Array("abc".utf8)
    #expect(Digest.sha256(of: bytes.reversed().reversed()) == Digest.sha256(of: bytes))
    #expect(Digest.sha256(of: bytes[1...]) == Digest.sha256(of: "bc"))
  }
}

@Suite struct RandomTests {
  @Test func bytesHaveTheLengthAskedForAndDiffer() {
    #expect(Random.bytes(0).isEmpty)
    #expect(Random.bytes(32).count == 32)
    #expect(Random.bytes(32) != Random.bytes(32))
  }

  @Test func constantTimeComparisonAgreesWithEquality() {
    #expect(constantTimeEqual([], []))
    #expect(constantTimeEqual([1, 2], [1, 2]))
    #expect(!constantTimeEqual([1, 2], [1, 3]))
    #expect(!constantTimeEqual([1, 2], [1, 2, 3]))
  }
}
