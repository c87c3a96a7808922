import Crypto
package import Model

/// What a log sends a witness (c2sp.org/tlog-witness, add-checkpoint): its newest checkpoint, and the proof that this
/// extends the one of a smaller size.
package struct AddCheckpointRequest: Sendable, Hashable {
  /// The path after a witness's submission prefix.
  package static let path = "/add-checkpoint"

  /// The size of the checkpoint that the log believes to be the witness's newest.
  package let oldSize: Int
  /// From `oldSize` to the checkpoint's size; empty when `oldSize` is 0.
  package let proof: [Digest]
  package let checkpoint: SignedNote

  package init(oldSize: Int, proof: [Digest], checkpoint: SignedNote) {
    precondition(proof.count <= LogLimits.proofHashes, "no proof of consistency is longer")
    self.oldSize = oldSize
    self.proof = proof
    self.checkpoint = checkpoint
  }

  /// Reads a body. Nothing of it is verified.
  /// - Throws: `LogFormatError.malformed`, also when it is longer than `LogLimits.addCheckpointBytes`.
  package init(_ bytes: some Collection<UInt8>) throws {
    let bytes = Array(bytes)
    var scanner = TextScanner(bytes[...])
    guard bytes.count <= LogLimits.addCheckpointBytes, scanner.skip("old "),
      let oldSize = scanner.line().flatMap({ Decimal.parse($0) })
    else { throw LogFormatError.malformed("old size") }
    var proof: [Digest] = []
    while true {
      guard let line = scanner.line() else { throw LogFormatError.malformed("blank line") }
      if line.isEmpty { break }
      guard proof.count < LogLimits.proofHashes, let hash = Digest(base64: line) else {
        throw LogFormatError.malformed("proof hash")
      }
      proof.append(hash)
    }
    self.init(
      oldSize: oldSize, proof: proof, checkpoint: try SignedNote(scanner.remaining))
  }

  /// The body of the request.
  package var bytes: [UInt8] {
    let lines = proof.map { $0.withBytes { StrictBase64.encode($0) } + "\n" }
    return Array("old \(oldSize)\n\(lines.joined())\n\(checkpoint)".utf8)
  }
}
