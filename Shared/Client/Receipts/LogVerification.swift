package import Model
import Stubs
package import TransparencyLog

/// Checks what audit answers against the log's key.
package enum LogVerification {
  /// The key of the log as this profile knows it: what was pinned at the first contact, over a
  /// connection that only audit's certificate can answer. Throws when the log shows another since.
  package static func pinnedKey(of connection: ExchangeConnection) async throws -> VerifierKey {
    let path = connection.profile.directory + "/log.vkey"
    let answer = try await connection.log.getCheckpoint(AuditV1.GetCheckpointRequest())
    guard let pinned = try LocalFile.read(path) else {
      let key = try VerifierKey(answer.verifierKey)
      try LocalFile.write(answer.verifierKey + "\n", to: path)
      return key
    }
    let text = String(decoding: pinned, as: UTF8.self)
    guard let line = text.split(whereSeparator: \.isNewline).first,
      line == answer.verifierKey[...]
    else {
      throw ClientError.verification(
        .logProof(reason: "the log's key is not the one pinned in \(path)"))
    }
    return try VerifierKey(String(line))
  }

  /// Checks that each step of a trace is in the log that the checkpoint is signed for, and that
  /// payloads are the ones committed to. Returns the checkpoint.
  package static func verify(
    _ trace: AuditV1.TraceSubjectResponse, with key: VerifierKey
  ) throws -> Checkpoint {
    let checkpoint = try Checkpoint.verified(trace.checkpoint.utf8, with: key)
    for step in trace.steps {
      let index = Int(step.entry.index)
      guard
        ProofVerification.inclusion(
          of: MerkleHash.leaf(step.entry.body), at: index, size: checkpoint.size,
          root: checkpoint.root, proof: step.proof)
      else { throw LogFormatError.notIncluded(index: index, size: checkpoint.size) }
      try verifyDetails(of: step.entry)
    }
    return checkpoint
  }

  /// Throws unless what stands beside an entry is what the entry commits to.
  package static func verifyDetails(of entry: AuditV1.Entry) throws {
    let body = try EntryBody(entry.body)
    guard body.eventID == entry.eventID, body.kind == entry.kind else {
      throw ClientError.verification(
        .logProof(reason: "entry \(entry.index) is described as something else"))
    }
    guard entry.payloadSalt.count == LogLimits.saltBytes else { return }
    let details = EntryDetails(
      actor: entry.actor, subjects: entry.subjects, payload: entry.payload)
    guard details.commitment(salt: entry.payloadSalt) == body.detailsHash else {
      throw ClientError.verification(
        .logProof(reason: "the details of entry \(entry.index) are not those committed to"))
    }
  }
}
