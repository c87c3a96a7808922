import Crypto
import Model
import Testing
import TransparencyLog

/// The example of Go's note package, golang.org/x/mod/sumdb/note.
private let neumann = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
private let problem = """
  If you think cryptography is the answer to your problem,
  then you don't know what your problem is.

  — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=

  """

@Suite struct SignedNoteTests {
  @Test func theNoteOfOtherPeopleIsAccepted() throws {
    let note = try SignedNote(problem.utf8)
    try note.verify(with: VerifierKey(neumann))
    #expect(note.text.hasSuffix("what your problem is.\n"))
    #expect(note.description == problem)
  }

  @Test func aKeyIsWrittenAsItWasRead() throws {
    let key = try VerifierKey(neumann)
    #expect(key.name == "PeterNeumann")
    #expect(Hex.encode(key.id) == "c74f20a3")
    #expect(key.description == neumann)
  }

  @Test(arguments: [
    "", "+", "++", "PeterNeumann", "PeterNeumann+c74f20a3",
    "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    "PeterNeumannn+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T",
    "PeterNeumann+c74f20a3+AhpcAQcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
  ])
  func otherKeysAreRefused(_ text: String) {
    #expect(throws: LogFormatError.self) { try VerifierKey(text) }
  }

  @Test(arguments: ["", " ", "a b", "a+b", "a\nb", "a\u{a0}b", "a\u{7f}"])
  func namesThatCannotStandInANoteAreRefused(_ name: String) throws {
    let key = try Ed25519PrivateKey.generate()
    #expect(throws: LogFormatError.self) { try NoteSigner(name: name, key: key) }
  }

  @Test func changingAnyByteOfANoteIsNoticed() throws {
    let key = try VerifierKey(neumann)
    let bytes = Array(problem.utf8)
    for position in bytes.indices {
      for change: UInt8 in [0x01, 0x20, 0x80] {
        var altered = bytes
        altered[position] ^= change
        #expect(throws: LogFormatError.self, "byte \(position)") {
          try SignedNote(altered).verify(with: key)
        }
      }
      #expect(throws: LogFormatError.self) {
        try SignedNote(bytes[..<position]).verify(with: key)
      }
    }
  }

  @Test func signaturesOfOthersAreIgnoredButOnesOwnMustHold() throws {
    let signer = try NoteSigner(name: "ndx.local/audit", key: .generate())
    let stranger = try NoteSigner(name: "witness.example", key: .generate())
    let namesake = try NoteSigner(name: "ndx.local/audit", key: .generate())
    let text = "hello\n"
    let lines = [stranger, namesake, signer].map { signer in
      (try? signer.sign(text).description).map { String($0.dropFirst(text.count + 1)) } ?? ""
    }
    let note = try SignedNote((text + "\n" + lines.joined()).utf8)
    #expect(note.signatures.count == 3)
    try note.verify(with: signer.verifierKey)
    let unsigned = try SignedNote((text + "\n" + lines[0] + lines[1]).utf8)
    #expect(throws: LogFormatError.notSigned(by: "ndx.local/audit")) {
      try unsigned.verify(with: signer.verifierKey)
    }
    let other = try SignedNote(("other\n\n" + lines.joined()).utf8)
    #expect(throws: LogFormatError.invalidSignature(of: "ndx.local/audit")) {
      try other.verify(with: signer.verifierKey)
    }
  }

  @Test(arguments: [
    "", "\n", "\n\n", "text", "text\n", "text\n\n", "text\n\nno dash\n", "text\n\n— name\n",
    "text\n\n— name AAAA\n", "text\n\n— name AAAAAAA=", "text\n\n- name AAAAAAA=\n",
    "text\n\n—  AAAAAAA=\n", "te\rxt\n\n— name AAAAAAA=\n", "text\n\n— name AAAAAAA=\r\n",
  ])
  func malformedNotesAreRefused(_ text: String) {
    #expect(throws: LogFormatError.self) { try SignedNote(text.utf8) }
  }

  @Test func notesThatAreTooLongAreRefused() {
    let long = String(repeating: "a", count: LogLimits.noteBytes) + "\n\n— name AAAAAAA=\n"
    #expect(throws: LogFormatError.self) { try SignedNote(long.utf8) }
    let line = "— name AAAAAAA=\n"
    let crowded = "a\n\n" + String(repeating: line, count: LogLimits.signatures + 1)
    #expect(throws: LogFormatError.self) { try SignedNote(crowded.utf8) }
    #expect(throws: LogFormatError.self) { try SignedNote([0xC3, 0x28] + Array(problem.utf8)) }
  }
}
