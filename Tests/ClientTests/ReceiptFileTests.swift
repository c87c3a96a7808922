import Client
import Crypto
import Model
import Testing
import TransparencyLog

struct ReceiptFileTests {
  /// A log of three entries, its key and the receipt of the second.
  private func receipt() throws -> (file: ReceiptFile, key: VerifierKey) {
    let entries = try (1...3).map { sequence in
      try EntryBody(
        eventID: .make(at: .earliest), kind: "order.delivered", isAccepted: true,
        detailsHash: .sha256(of: "details"), producer: "settlement",
        producerSequence: Int64(sequence), time: Timestamp(microseconds: 1_000_000),
        traceparent: ""
      ).bytes
    }
    let leaves = entries.map { MerkleHash.leaf($0) }
    let left = MerkleHash.node(leaves[0], leaves[1])
    let checkpoint = Checkpoint(
      origin: "log.test", size: 3, root: MerkleHash.node(left, leaves[2]))
    let signer = try NoteSigner(name: "log.test", key: .generate())
    let proof = LogProof(
      index: 1, hashes: [leaves[0], leaves[2]],
      checkpoint: try signer.sign(checkpoint.text).description)
    let response = AuditV1.GetReceiptResponse(
      proof: proof.description, entry: entries[1], verifierKey: "\(signer.verifierKey)")
    return (ReceiptFile(response), signer.verifierKey)
  }

  @Test func aReceiptVerifiesWithTheLogsKeyAlone() throws {
    let (file, key) = try receipt()
    let verified = try file.verify(with: key)
    #expect(verified.index == 1)
    #expect(verified.entry.producerSequence == 2)
  }

  @Test func aChangedEntryIsNotIncluded() throws {
    var (file, key) = try receipt()
    let entry = try #require(Base64.decode(file.entry))
    let changed = String(decoding: entry, as: UTF8.self).replacing("accepted", with: "refused")
    file.entry = Base64.encode(Array(changed.utf8))
    #expect(throws: LogFormatError.notIncluded(index: 1, size: 3)) { try file.verify(with: key) }
  }

  @Test func anotherKeyDoesNotVerify() throws {
    let (file, _) = try receipt()
    let other = try NoteSigner(name: "log.test", key: .generate()).verifierKey
    #expect(throws: LogFormatError.self) { try file.verify(with: other) }
  }

  @Test func whatIsNotAReceiptIsNamed() throws {
    #expect(throws: ClientError.self) { try ReceiptFile.load("/nonexistent/receipt.json") }
    var (file, key) = try receipt()
    file.entry = "not base64"
    #expect(throws: LogFormatError.malformed("entry")) { try file.verify(with: key) }
  }
}
