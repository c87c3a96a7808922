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
}
