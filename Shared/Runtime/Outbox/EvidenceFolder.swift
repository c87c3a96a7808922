import Crypto
import Foundation
package import Model

/// Where a producer keeps what shows that the log is not what it was: files `log-evidence-….txt` beside its database,
/// for whoever must judge. At most `ProofLimits.evidenceFiles`, each the first of its kind.
package struct EvidenceFolder: Sendable {
  private static let prefix = "log-evidence-"
  private let directory: String
  private let clock: WallClock

  package init(directory: String, clock: WallClock = .system) {
    self.directory = directory
    self.clock = clock
  }

  /// What cannot be written is no reason to stop: the problem itself is reported.
  func keep(_ failure: ProofFailure) {
    guard let name = failure.problem.evidenceName, !failure.evidence.isEmpty else { return }
    let path = "\(directory)/\(Self.prefix)\(name).txt"
    let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    guard files.count(where: { $0.hasPrefix(Self.prefix) }) < ProofLimits.evidenceFiles,
      !FileManager.default.fileExists(atPath: path)
    else { return }
    let parts = failure.evidence.map { "--- \($0.title)\n\($0.text)" }
    let text =
      "\(failure.problem.text[.en])\nSeen at \(clock.now()).\n\n\(parts.joined(separator: "\n"))"
    try? KeyFile.write(text, to: path)
  }
}
