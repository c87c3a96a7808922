import AuditStore
import Logging
import Model
import ServiceRuntime
import TransparencyLog

/// A log that has been checked and may be used: what answers calls and what signs.
struct OpenLog {
  let handler: AuditHandler
  let signer: CheckpointSigner
  /// Nil when the log has no witnesses.
  let collector: CosignatureCollector?

  /// Opens the log in a database. Throws `StartupError` when it is not the log that was signed last,
  /// or when its key is missing.
  init(
    _ configuration: ServiceConfiguration, database: ServiceDatabase,
    revocations: RevocationView, clock: WallClock, logger: Logger
  ) async throws {
    let key = try await LogKey(configuration).signer(for: database)
    let rechecked = try configuration.integer("rechecked-entries", in: 0...100_000_000)
    let interval = try configuration.integer("checkpoint-interval-milliseconds", in: 10...1_000)
    let proofMemory = try configuration.integer("proof-memory-mebibytes", in: 1...65_536)
    let edge = try await StartupError.reporting(database) {
      try await database.read { db in
        try LogVerifier(db).opening(key.verifierKey, recheckedEntries: rechecked)
      }
    }
    try await database.write { try ErasureTable($0).overwriteWhatIsDeleted() }
    let tree = TreeWriter(edge: edge)
    let subjects = SubjectCache()
    database.add(tree)
    database.add(subjects)
    let queue = EntryQueue(for: tree, knowing: subjects)
    database.add(queue)
    let witnesses = try WitnessSettings(configuration, key: key.verifierKey)
    let fence = SigningFence(witnesses?.policy)
    let head = LogHead(try await Self.newest(database, key, isFenced: witnesses != nil))
    let board = try await Self.board(database, witnesses?.policy)
    handler = AuditHandler(
      database: database,
      transactor: Transactor(database: database, auditing: .local { _, _, _ in }, clock: clock),
      clock: clock, queue: queue, subjects: subjects, head: head, board: board,
      verifierKey: key.verifierKey,
      nodes: NodeCache(bytes: proofMemory << 20), revocations: revocations)
    signer = CheckpointSigner(
      database: database, signer: key, head: head, fence: fence, verified: edge,
      interval: .milliseconds(interval), logger: logger)
    collector = witnesses.map {
      CosignatureCollector(
        settings: $0, configuration: configuration, database: database, head: head, board: board,
        fence: fence, clock: clock, logger: logger)
    }
  }

  /// The newest checkpoint. Behind a fence something must be there to ask witnesses about: the empty tree, of which there
  /// is but one root.
  private static func newest(
    _ database: ServiceDatabase, _ key: NoteSigner, isFenced: Bool
  ) async throws -> SignedCheckpoint? {
    let newest = try await database.read { try CheckpointTable($0).latest() }
    guard isFenced, newest == nil else { return newest }
    let empty = try SignedCheckpoint(size: 0, root: MerkleHash.empty, by: key)
    try await database.write { try CheckpointTable($0).insert(empty) }
    return empty
  }

  private static func board(
    _ database: ServiceDatabase, _ policy: WitnessPolicy?
  ) async throws -> WitnessBoard {
    guard let policy else { return WitnessBoard(nil) }
    let quorum = try await database.read { db in
      try CosignatureTable(db).newest { policy.isSatisfied(by: $0) }
    }
    return WitnessBoard(policy, quorum: quorum)
  }
}
