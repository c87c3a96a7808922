import Crypto
import Foundation
import Model
import Synchronization
import TransparencyLog

/// Files that show anyone how a log contradicted itself: one for each pair of checkpoints, with both as the log signed
/// them.
final class EvidenceFolder: Sendable {
  /// Files of each kind. Whoever knows two checkpoints of a log can have a pair kept, so there is an end to it.
  static let limit = 1_000
  private let path: String
  private let clock: WallClock
  private let report: @Sendable (LogConflict, String) -> Void
  private let files: Mutex<Set<String>>

  /// - Parameter report: is told of each file once it is on disk.
  init(
    _ path: String, clock: WallClock, report: @escaping @Sendable (LogConflict, String) -> Void
  ) throws {
    self.path = path
    self.clock = clock
    self.report = report
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
      throw WitnessError.damaged(path: path)
    }
    files = Mutex(Set(names))
  }

  /// Writes the file, unless it is there or there are too many. On disk when it returns.
  func keep(_ conflict: LogConflict) throws {
    let pair = "\(conflict.first)\n\(conflict.second)"
    let hash = Digest.sha256(of: Array(pair.utf8)).hex.prefix(16)
    let prefix = "\(conflict.kind.rawValue)-"
    let name = "\(prefix)\(hash).txt"
    let isNew = files.withLock { files in
      files.count { $0.hasPrefix(prefix) } < Self.limit && !files.contains(name)
    }
    guard isNew else { return }
    let title =
      switch conflict.kind {
      case .fork: "Two roots of one size, both signed by the log."
      case .unproven: "The second was sent without a proof that it extends the first."
      }
    let text = """
      \(title)
      Seen at \(clock.now()).

      --- first
      \(conflict.first)
      --- second
      \(conflict.second)
      """
    try KeyFile.write(text, to: "\(path)/\(name)")
    files.withLock { _ = $0.insert(name) }
    report(conflict, "\(path)/\(name)")
  }
}
