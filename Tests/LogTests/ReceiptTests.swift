import Crypto
import Model
import Testing
import TransparencyLog

@Suite struct ReceiptTests {
  @Test func aReceiptProvesItsEntry() throws {
    let sample = try ReceiptSample(300)
    for index in [0, 1, 255, 256, 299] {
      let verified = try sample.receipt(index).verify(with: sample.signer.verifierKey)
      #expect(verified.index == index)
      #expect(verified.checkpoint.size == 300)
      #expect(verified.entry.producerSequence == Int64(index) + 1)
      #expect(verified.leafHash == MerkleHash.leaf(sample.entries[index]))
    }
  }

  @Test(arguments: [(1, 0), (2, 1), (7, 6), (300, 130)])
  func changingAnyByteOfAReceiptIsNoticed(_ size: Int, _ index: Int) throws {
    let sample = try ReceiptSample(size)
    let key = sample.signer.verifierKey
    let receipt = try sample.receipt(index)
    for change: UInt8 in [0x01, 0x02, 0x20, 0x80] {
      for position in receipt.proof.indices {
        var proof = receipt.proof
        proof[position] ^= change
        #expect(throws: LogFormatError.self, "proof byte \(position)") {
          try Receipt(proof: proof, entry: receipt.entry).verify(with: key)
        }
      }
      for position in receipt.entry.indices {
        var entry = receipt.entry
        entry[position] ^= change
        #expect(throws: LogFormatError.self, "entry byte \(position)") {
          try Receipt(proof: receipt.proof, entry: entry).verify(with: key)
        }
      }
    }
    for position in receipt.proof.indices {
      #expect(throws: LogFormatError.self) {
        try Receipt(proof: receipt.proof[..<position], entry: receipt.entry).verify(with: key)
      }
    }
  }

  @Test func aReceiptOfAnotherKeyOrEntryIsRefused() throws {
    let sample = try ReceiptSample(5)
    let other = try ReceiptSample(5)
    let receipt = try sample.receipt(3)
    #expect(throws: LogFormatError.notSigned(by: "ndx.local/audit")) {
      try receipt.verify(with: other.signer.verifierKey)
    }
    let swapped = Receipt(proof: receipt.proof, entry: sample.entries[2])
    #expect(throws: LogFormatError.notIncluded(index: 3, size: 5)) {
      try swapped.verify(with: sample.signer.verifierKey)
    }
  }

  @Test func whatIsNotAnEntryOfThisLogIsRefusedEvenWhenIncluded() throws {
    let signer = try NoteSigner(name: "ndx.local/audit", key: .generate())
    let entry = Array("not an entry".utf8)
    let checkpoint = Checkpoint(
      origin: "ndx.local/audit", size: 1, root: MerkleHash.leaf(entry))
    let proof = LogProof(
      index: 0, hashes: [], checkpoint: try signer.sign(checkpoint.text).description)
    #expect(throws: LogFormatError.malformed("entry")) {
      try Receipt(proof: proof.description.utf8, entry: entry).verify(with: signer.verifierKey)
    }
  }

  @Test func opaqueExtraDataIsSkipped() throws {
    let sample = try ReceiptSample(2)
    let receipt = try sample.receipt(1)
    let text = String(decoding: receipt.proof, as: UTF8.self)
    let extended = text.replacing("index ", with: "extra aGVsbG8=\nindex ", maxReplacements: 1)
    let verified = try Receipt(proof: extended.utf8, entry: receipt.entry)
      .verify(with: sample.signer.verifierKey)
    #expect(verified.index == 1)
    let broken = text.replacing("index ", with: "extra ?\nindex ", maxReplacements: 1)
    #expect(throws: LogFormatError.malformed("extra data")) { try LogProof(broken.utf8) }
  }

  @Test func proofsAreReadAsTheyWereWritten() throws {
    let proof = LogProof(index: 12, hashes: [.zero, MerkleHash.empty], checkpoint: "any\n")
    #expect(try LogProof(proof.description.utf8) == proof)
    let long = LogProof(
      index: 0, hashes: Array(repeating: .zero, count: LogLimits.proofHashes + 1), checkpoint: "")
    #expect(throws: LogFormatError.malformed("proof hash")) {
      try LogProof(long.description.utf8)
    }
  }
}
