import AuditStore
import Logging
import Model
import ServiceLifecycle
import ServiceRuntime
import TransparencyLog

/// Signs the log whenever it has grown: re-reads what was committed over another connection, hashes
/// it again, compares the root with that of the tiles, and only then signs. It never signs twice for
/// one size, and ends the process rather than sign a log that does not fit together.
struct CheckpointSigner: Service {
  let database: ServiceDatabase
  let signer: NoteSigner
  let head: LogHead
  /// The tree that has been checked when the log was opened.
  let verified: TreeEdge
  /// Least time between two checkpoints.
  let interval: Duration
  let logger: Logger
  private let signal: CommitSignal

  init(
    database: ServiceDatabase, signer: NoteSigner, head: LogHead, verified: TreeEdge,
    interval: Duration, logger: Logger
  ) {
    self.database = database
    self.signer = signer
    self.head = head
    self.verified = verified
    self.interval = interval
    self.logger = logger
    signal = CommitSignal()
    database.add(signal)
  }

  func run() async throws {
    var edge = verified
    var backoff = Backoff()
    for await _ in signal.wakeups.cancelOnGracefulShutdown() {
      while true {
        do {
          edge = try await StartupError.reporting(database) { try await sign(after: edge) }
          backoff.reset()
          break
        } catch let error as StartupError {
          throw error
        } catch {
          logger.error("no checkpoint could be signed", metadata: ["cause": "\(error)"])
          try await backoff.wait()
        }
      }
      try? await cancelWhenGracefulShutdown { try await Task.sleep(for: interval) }
    }
    _ = try await StartupError.reporting(database) { try await sign(after: edge) }
  }

  /// Publishes the checkpoint of everything committed, if there is none yet. Returns the tree that was
  /// checked for it.
  private func sign(after edge: TreeEdge) async throws -> TreeEdge {
    let (grown, latest) = try await database.read { db in
      (try LogVerifier(db).growth(of: edge), try CheckpointTable(db).latest())
    }
    guard latest.map({ grown.size > $0.size }) ?? true else { return grown }
    let checkpoint = Checkpoint(
      origin: signer.verifierKey.name, size: grown.size, root: grown.root)
    let signed = SignedCheckpoint(
      size: grown.size, root: checkpoint.root,
      note: try signer.sign(checkpoint.text).description)
    try await database.write { try CheckpointTable($0).insert(signed) }
    head.publish(signed)
    logger.debug("signed", metadata: ["size": "\(signed.size)", "root": "\(signed.root)"])
    return grown
  }
}
