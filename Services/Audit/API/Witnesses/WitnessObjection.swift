import Crypto
import Foundation
import Model
import ServiceRuntime
import TransparencyLog

/// A witness says something that cannot be if this log is the one that it has always been.
struct WitnessObjection: Error, Sendable {
  enum Kind: Sendable, Hashable {
    /// It has cosigned a larger log.
    case ahead(size: Int)
    /// It has cosigned another history.
    case contradiction
  }
  let kind: Kind
  let witness: WitnessPolicy.Witness
  let request: AddCheckpointRequest
  let answer: WitnessAnswer
  /// Size of the newest checkpoint that this log has signed.
  let newest: Int

  private var sentence: String {
    switch kind {
    case .ahead(let size):
      "the witness \(witness.name) has cosigned this log at size \(size), but it was signed up to \(newest) only: "
        + "is this a restored backup?"
    case .contradiction:
      "the witness \(witness.name) has cosigned another history of this log up to size \(newest)"
    }
  }

  /// Writes what was asked and answered beside the database, for whoever must find out which of the two is wrong, and
  /// says why nothing is signed any more.
  func refusal(_ configuration: ServiceConfiguration, at time: Timestamp) -> StartupError {
    let text = """
      \(sentence)
      Seen at \(time). Witness key \(witness.key), asked at \(witness.url).

      --- asked
      \(String(decoding: request.bytes, as: UTF8.self))
      --- answered \(answer.status) \(answer.contentType)
      \(String(decoding: answer.body.prefix(4_096), as: UTF8.self))
      """
    let hash = Digest.sha256(of: request.bytes + answer.body).hex.prefix(16)
    let path = configuration.path("witness-conflict-\(hash).txt")
    let isKept = (try? KeyFile.write(text, to: path)) != nil
    return StartupError(
      .badData, "\(sentence) (\(isKept ? path : "evidence could not be written"))")
  }
}
