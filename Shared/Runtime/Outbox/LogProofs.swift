package import Model
import RPC
package import Stubs
import TransparencyLog

/// What a producer asks of the log to see for itself that its events are there. Nothing of the answers is believed
/// unless it was checked.
package struct LogProofs: Sendable {
  package typealias Call<Request, Response> = @Sendable (Request) async throws -> Response

  let checkpoint: Call<AuditV1.GetCheckpointRequest, AuditV1.GetCheckpointResponse>
  let consistency: Call<AuditV1.GetConsistencyProofRequest, AuditV1.GetConsistencyProofResponse>
  let inclusion: Call<AuditV1.GetInclusionProofRequest, AuditV1.GetInclusionProofResponse>

  package init(
    checkpoint: @escaping Call<AuditV1.GetCheckpointRequest, AuditV1.GetCheckpointResponse>,
    consistency:
      @escaping Call<
        AuditV1.GetConsistencyProofRequest, AuditV1.GetConsistencyProofResponse
      >,
    inclusion: @escaping Call<AuditV1.GetInclusionProofRequest, AuditV1.GetInclusionProofResponse>
  ) {
    self.checkpoint = checkpoint
    self.consistency = consistency
    self.inclusion = inclusion
  }

  package init(_ log: LogServiceClient) {
    self.init(
      checkpoint: { try await log.getCheckpoint($0) },
      consistency: { try await log.getConsistencyProof($0) },
      inclusion: { try await log.getInclusionProof($0) })
  }

  /// The newest checkpoint, if it continues `known`. It must be signed by `configured`, else by the key that has signed
  /// `known`, else by the one that the log shows: the first is believed.
  /// - Throws: `ProofFailure`; what the call throws.
  func newest(after known: TrustedLog?, key configured: VerifierKey?) async throws -> TrustedLog {
    let answer = try await checkpoint(.init())
    let shown = [("known", known?.note ?? ""), ("shown", answer.checkpoint)]
    let newest: TrustedLog
    do {
      let key = try configured ?? known?.key ?? VerifierKey(answer.verifierKey)
      guard key.description == answer.verifierKey else {
        throw ProofFailure(
          .otherKey(expected: key.description, shown: answer.verifierKey), evidence: shown)
      }
      newest = try TrustedLog(note: answer.checkpoint, key: key)
    } catch let error as LogFormatError {
      throw ProofFailure(.badCheckpoint(error), evidence: shown)
    }
    guard let old = known?.checkpoint else { return newest }
    let new = newest.checkpoint
    guard new.size >= old.size else {
      throw ProofFailure(.rollback(from: old.size, to: new.size), evidence: shown)
    }
    var proof: [Digest] = []
    if old.size > 0, new.size > old.size {
      proof = try await consistency(
        .init(firstSize: Int64(old.size), secondSize: Int64(new.size))
      ).hashes
    }
    let isContinued = ProofVerification.consistency(
      from: old.size, firstRoot: old.root, to: new.size, secondRoot: new.root, proof: proof)
    guard isContinued else {
      throw ProofFailure(
        .fork(from: old.size, to: new.size), evidence: shown + [("proof", Self.lines(proof))])
    }
    return newest
  }

  /// Checks that the log of `trusted` holds these events, whose indexes are neighbours, with two proofs however many
  /// they are.
  /// - Throws: `ProofFailure`; what the calls throw.
  func verify(_ events: ArraySlice<UnprovenEvent>, in trusted: TrustedLog) async throws {
    guard let first = events.first, let last = events.last else { return }
    let (size, root) = (trusted.checkpoint.size, trusted.checkpoint.root)
    async let firstProof = proof(of: first, size)
    let right = events.count == 1 ? nil : try await proof(of: last, size)
    let left = try await firstProof
    let isIncluded = ProofVerification.inclusion(
      of: events.map(\.leafHash), from: first.index, size: size, root: root, first: left,
      last: right ?? left)
    guard !isIncluded else { return }
    let evidence = [
      ("checkpoint", trusted.note),
      ("entries \(first.index) to \(last.index)", Self.lines(events.map(\.leafHash))),
      ("proof of entry \(first.index)", Self.lines(left)),
      ("proof of entry \(last.index)", Self.lines(right ?? left)),
    ]
    // The neighbours of one that is missing are not at fault.
    let missing = try await firstMissing(events, in: trusted) ?? first
    throw ProofFailure(
      .notIncluded(sequence: missing.sequence, index: missing.index, size: size),
      evidence: evidence)
  }

  /// The first event whose own proof does not hold.
  private func firstMissing(
    _ events: ArraySlice<UnprovenEvent>, in trusted: TrustedLog
  ) async throws -> UnprovenEvent? {
    let (size, root) = (trusted.checkpoint.size, trusted.checkpoint.root)
    for event in events {
      let isIncluded = ProofVerification.inclusion(
        of: event.leafHash, at: event.index, size: size, root: root,
        proof: try await proof(of: event, size))
      guard isIncluded else { return event }
    }
    return nil
  }

  private func proof(of event: UnprovenEvent, _ size: Int) async throws -> [Digest] {
    try await inclusion(.init(index: Int64(event.index), treeSize: Int64(size))).hashes
  }

  private static func lines(_ hashes: [Digest]) -> String {
    hashes.map { $0.hex + "\n" }.joined()
  }
}
