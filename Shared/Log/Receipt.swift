package import Model

/// What somebody keeps to show later that an event was logged: `GetReceiptResponse`, or the file
/// that `ndx audit get` writes. Checked with the log's verifier key and nothing else.
package struct Receipt: Sendable, Hashable {
  /// A C2SP tlog-proof.
  package let proof: [UInt8]
  /// The entry that the proof is about.
  package let entry: [UInt8]

  package init(proof: some Collection<UInt8>, entry: some Collection<UInt8>) {
    self.proof = Array(proof)
    self.entry = Array(entry)
  }

  /// What a receipt proves, once it has been checked.
  package struct Verified: Sendable, Hashable {
    package let index: Int
    package let leafHash: Digest
    package let checkpoint: Checkpoint
    /// The checkpoint as it was signed, with the cosignatures that were there: ask `WitnessPolicy.isSatisfied(by:)`.
    package let note: SignedNote
    package let entry: EntryBody
  }

  /// Returns what the receipt proves when every part of it holds: the checkpoint is signed by `key`
  /// for the log of its name, the proof leads from the entry to the checkpoint's root, and the entry
  /// has the form of this log's entries.
  ///
  /// `key` must come from somewhere else than the receipt: a key found in it proves nothing.
  /// - Throws: `LogFormatError`.
  package func verify(with key: VerifierKey) throws -> Verified {
    let proof = try LogProof(proof)
    let checkpoint = try Checkpoint.verified(proof.checkpoint.utf8, with: key)
    let leaf = MerkleHash.leaf(entry)
    guard
      ProofVerification.inclusion(
        of: leaf, at: proof.index, size: checkpoint.size, root: checkpoint.root,
        proof: proof.hashes)
    else { throw LogFormatError.notIncluded(index: proof.index, size: checkpoint.size) }
    return Verified(
      index: proof.index, leafHash: leaf, checkpoint: checkpoint,
      note: try SignedNote(proof.checkpoint.utf8), entry: try EntryBody(entry))
  }
}
