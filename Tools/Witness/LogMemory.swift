import Crypto
import Foundation
import Model
import TransparencyLog

/// What a witness remembers of one log. It takes one request at a time, and what it cosigns is on disk before anyone
/// learns of it: whatever ends the process, it never cosigns two roots of one size.
actor LogMemory {
  private let keys: [VerifierKey]
  private let path: String
  private let signer: WitnessSigner
  private let evidence: EvidenceFolder
  private let clock: WallClock
  private var newest: WitnessedCheckpoint?

  /// - Parameter keys: all of one log.
  /// - Throws: `WitnessError.damaged` when what is remembered was not signed by the log.
  init(
    _ keys: [VerifierKey], path: String, signer: WitnessSigner, evidence: EvidenceFolder,
    clock: WallClock
  ) throws {
    self.keys = keys
    self.path = path
    self.signer = signer
    self.evidence = evidence
    self.clock = clock
    newest = try Self.read(path, keys)
  }

  private static func read(_ path: String, _ keys: [VerifierKey]) throws -> WitnessedCheckpoint? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let bytes = try KeyFile.read(path)
    let checkpoint = keys.lazy.compactMap { try? Checkpoint.verified(bytes, with: $0) }.first
    guard let checkpoint, let note = try? SignedNote(bytes) else {
      throw WitnessError.damaged(path: path)
    }
    return WitnessedCheckpoint(checkpoint: checkpoint, note: note)
  }

  func answer(_ request: AddCheckpointRequest) -> WitnessAnswer {
    let decision = WitnessRule.decide(request, keys: keys, remembered: newest)
    do {
      switch decision {
      case .cosign(let checkpoint):
        try remember(checkpoint)
        let now = Int(clock.now().microseconds / 1_000_000)
        return WitnessAnswer(
          cosignatures: [try signer.cosign(checkpoint.note.text, at: max(0, now))])
      case .conflict(_, let conflict?), .unproven(let conflict?): try evidence.keep(conflict)
      case .conflict, .unproven, .malformed, .notSigned, .unknownLog: break
      }
    } catch {
      return .text(503, "the witness cannot write to its disk")
    }
    return WitnessAnswer(refusal: decision) ?? .text(500, "the witness failed")
  }

  private func remember(_ checkpoint: WitnessedCheckpoint) throws {
    guard checkpoint.checkpoint != newest?.checkpoint else { return }
    try KeyFile.write(checkpoint.note.description, to: path)
    newest = checkpoint
  }
}
