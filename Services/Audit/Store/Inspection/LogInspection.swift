package import AuditDomain
package import GRDB
import Model
package import TransparencyLog

/// Checks everything that is stored, a piece at a time, each piece in one snapshot; what is appended meanwhile is
/// checked with it. Of three records of a leaf hash (the entry's bytes, the tile, the event's row) the one that the
/// others contradict is named, so that a single altered byte names its own row and no other.
package struct LogInspection: Sendable {
  private static let chunk = SpanTable.width
  private let key: VerifierKey
  /// Entries checked.
  package private(set) var checked = 0
  /// Entries stored.
  package private(set) var total = 0
  /// Whether everything has been checked.
  package private(set) var isFinished = false
  private var edge = TreeEdge()
  private var sequences = SequenceInspection()
  private var checkpoints = CheckpointSequence()
  private let published: Int?

  /// - Parameters:
  ///   - key: what every checkpoint must be signed with.
  ///   - published: the size of a checkpoint that is known to be published.
  package init(key: VerifierKey, published: Int? = nil) {
    self.key = key
    self.published = published
  }

  /// Checks the next piece and returns what does not fit in it.
  package mutating func step(_ db: Database) throws -> [LogFault] {
    let rows = InspectedRows(db)
    total = max(try rows.size(), checked)
    let end = min(checked + Self.chunk, total)
    let entries = try rows.entries(from: checked, to: end)
    var named: Set<LogFault> = []
    var faults = entries.flatMap(\.faults).filter { named.insert($0).inserted }
    faults += sequences.follow(entries)
    faults += try grow(by: entries, to: end, db)
    faults += try SpanInspection(db).faults(of: entries, from: checked)
    let (sealed, names) = try DetailsInspection(db).inspect(entries)
    faults += sealed
    faults += try PostingInspection(db).faults(in: checked..<end, names)
    checked = end
    if checked == total {
      faults += sequences.faults(against: try rows.nextSequences())
      faults += try rows.surplus(beyond: total)
      faults += checkpoints.faults()
      faults += try faultOfPublished(db)
      faults += try CosignatureInspection(db).faultsOfKeys()
      faults += try ErasureInspection(db).faults()
      faults += try PostingInspection(db).surplus(beyond: total)
      faults += try SpanInspection(db).surplus(beyond: total)
      isFinished = true
    }
    return faults
  }

  /// Takes the leaves into the tree, stopping at the size of every checkpoint to compare roots.
  private mutating func grow(
    by entries: [InspectedEntry], to end: Int, _ db: Database
  ) throws -> [LogFault] {
    let start = checked
    var faults: [LogFault] = []
    for checkpoint in try CheckpointTable(db).list(from: start == 0 ? 0 : start + 1, to: end) {
      faults += try append(entries[(edge.size - start)..<(checkpoint.size - start)], db)
      faults += Self.faults(of: checkpoint, key: key, edge: edge)
      faults += checkpoints.follow(checkpoint)
      faults += try CosignatureInspection(db).faults(of: checkpoint)
    }
    return faults + (try append(entries[(edge.size - start)...], db))
  }

  /// Compares the tiles above the leaves; the leaves were when they were read.
  private mutating func append(
    _ entries: ArraySlice<InspectedEntry>, _ db: Database
  ) throws -> [LogFault] {
    var faults: [LogFault] = []
    for tile in edge.append(entries.map(\.leaf)) where tile.coordinate.level > 0 {
      let stored = try TileTable(db).hashes(tile.coordinate)
      if stored?.starts(with: tile.hashes) != true {
        faults.append(
          stored == nil
            ? .missing(.tile, tile.coordinate) : .altered(.tile, tile.coordinate))
      }
    }
    return faults
  }

  private func faultOfPublished(_ db: Database) throws -> [LogFault] {
    guard let published, try CheckpointTable(db).list(from: published, to: published).isEmpty else {
      return []
    }
    return [.missing(.checkpoint, published)]
  }

  private static func faults(
    of checkpoint: StoredCheckpoint, key: VerifierKey, edge: TreeEdge
  ) -> [LogFault] {
    guard let signed = try? Checkpoint.verified(checkpoint.note, with: key),
      signed.size == checkpoint.size, signed.root == checkpoint.root
    else { return [.altered(.checkpoint, checkpoint.size)] }
    guard signed.root == edge.root else {
      return [
        LogFault(
          .checkpoint, checkpoint.size,
          Text(vi: "không phải gốc của các mục", en: "is not the root of the entries"))
      ]
    }
    return []
  }
}
