import AuditStore
import Logging
import Model
import ServiceLifecycle
import ServiceRuntime
import TransparencyLog

/// Signs the log whenever it has grown: re-reads what was committed over another connection, hashes
/// it again, compares the root with that of the tiles, and only then signs. It never signs twice for
/// one size, not before the fence is open, and ends the process rather than sign a log that does not fit together.
struct CheckpointSigner: Service {
  let database: ServiceDatabase
  let signer: NoteSigner
  let head: LogHead
  let fence: SigningFence
  /// The tree that has been checked when the log was opened.
  let verified: TreeEdge
  /// Least time between two checkpoints.
  let interval: Duration
  let logger: Logger
  private let signal: CommitSignal

  init(
    database: ServiceDatabase, signer: NoteSigner, head: LogHead, fence: SigningFence,
    verified: TreeEdge, interval: Duration, logger: Logger
  ) {
    self.database = database
    self.signer = signer
    self.head = head
    self.fence = fence
    self.verified = verified
    self.interval = interval
    self.logger = logger
    signal = CommitSignal()
    database.add(signal)
  }

  func run() async throws {
    guard try await fence.opening() else { return }
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
    guard latest.map({ grown.size > $0.size }) ?? true, try fence.isOpen() else { return grown }
    let signed = try SignedCheckpoint(size: grown.size, root: grown.root, by: signer)
    try await database.write { try CheckpointTable($0).insert(signed) }
    head.publish(signed)
    logger.debug("signed", metadata: ["size": "\(signed.size)", "root": "\(signed.root)"])
    return grown
  }
}

extension SignedCheckpoint {
  /// The checkpoint of a tree, signed.
  init(size: Int, root: Digest, by signer: NoteSigner) throws {
    let checkpoint = Checkpoint(origin: signer.verifierKey.name, size: size, root: root)
    self.init(size: size, root: root, note: try signer.sign(checkpoint.text).description)
  }
}
