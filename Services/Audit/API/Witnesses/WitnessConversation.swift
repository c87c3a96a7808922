import AuditStore
import Model
import RPC
import ServiceRuntime
import TransparencyLog

/// Asks one witness to cosign one checkpoint.
struct WitnessConversation: Sendable {
  /// A witness that remembers another size than was thought is asked again, with the proof from there.
  private static let attempts = 3

  let witness: WitnessPolicy.Witness
  let database: ServiceDatabase
  let head: LogHead
  let ask: @Sendable ([UInt8]) async throws -> WitnessAnswer

  /// Why a witness has not cosigned; it may do so later.
  struct Failure: Error, Sendable, CustomStringConvertible {
    let description: String
  }

  /// - Parameter known: the size that the witness has cosigned last, as far as is known.
  /// - Throws: `WitnessObjection`; `Failure`, `WebFailure` and others when it may be tried again.
  func cosign(_ size: Int, known: Int?) async throws -> Cosignature {
    var old = min(known ?? size, size)
    for _ in 0..<Self.attempts {
      let request = try await request(from: old, to: size)
      let answer = try await ask(request.bytes)
      switch WitnessReply(answer, to: request, of: witness.key) {
      case .cosigned(let cosignature): return cosignature
      case .unusable(let why): throw Failure(description: why)
      case .contradiction: throw try await objection(.contradiction, request, answer)
      case .remembers(let seen):
        guard seen <= (try await head.covering(0)).size else {
          throw try await objection(.ahead(size: seen), request, answer)
        }
        guard seen <= size else { throw Failure(description: "has cosigned size \(seen)") }
        old = seen
      }
    }
    throw Failure(description: "changes its mind")
  }

  private func request(from old: Int, to size: Int) async throws -> AddCheckpointRequest {
    try await database.read { db in
      guard let stored = try CheckpointTable(db).at(size) else {
        throw LogCorruption("the checkpoint of size \(size) is missing")
      }
      var tiles = TileTable(db).reader
      return AddCheckpointRequest(
        oldSize: old, proof: try tiles.consistencyProof(from: old, to: size),
        checkpoint: try SignedNote(stored.note.utf8))
    }
  }

  private func objection(
    _ kind: WitnessObjection.Kind, _ request: AddCheckpointRequest, _ answer: WitnessAnswer
  ) async throws -> WitnessObjection {
    WitnessObjection(
      kind: kind, witness: witness, request: request, answer: answer,
      newest: try await head.covering(0).size)
  }
}
