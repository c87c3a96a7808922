/// The bounds of the log's formats.
package enum LogLimits {
  /// Most bytes of an entry: what the two-byte length of an entry bundle can say.
  package static let entryBytes = 65_535
  /// Most bytes of a signed note.
  package static let noteBytes = 16_384
  /// Most signatures of a note; the format demands that at least 16 are accepted.
  package static let signatures = 64
  /// Most bytes of a key's name, which is also a log's origin.
  package static let nameBytes = 255
  /// Most hashes of a proof: the height of a tree with 2^63 leaves.
  package static let proofHashes = 63
  /// Most bytes of the opaque extra data of a proof.
  package static let extraBytes = 4_096
  /// Bytes of the salt of a payload commitment.
  package static let saltBytes = 32
  /// Most bytes of a request to a witness: a line, a proof, a blank line and a note.
  package static let addCheckpointBytes = 32 + proofHashes * 45 + noteBytes
  /// Most bytes of what a witness answers: as many signature lines as a note may have.
  package static let cosignatureBytes = noteBytes
  /// Most bytes of a witness policy.
  package static let policyBytes = 65_536
  /// Most logs of a witness policy, and most groups.
  package static let policyGroups = 64
  /// Most witnesses of a policy, so that a note has room for all of their cosignatures.
  package static let witnesses = 32
}
