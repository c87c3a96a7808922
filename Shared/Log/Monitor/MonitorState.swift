import Crypto
package import Model

/// All that a monitor remembers of a log: the newest checkpoint, how many of its entries it has taken in, the right edge of
/// their tree with the proof that the checkpoint continues it, and each producer's next number. It is as large for a log of
/// any size.
package struct MonitorState: Sendable, Equatable {
  private static let format = "ndx.audit.monitor/v1"

  package let checkpoint: Checkpoint
  /// The checkpoint as it was published.
  package let note: String
  /// When it was first seen.
  package let since: Timestamp
  let edge: TreeEdge
  /// That the checkpoint continues the tree of the edge (RFC 6962, section 2.1.2); empty when it is that tree.
  let proof: [Digest]
  let sequences: ProducerSequences

  /// Entries that have been verified: the first so many of the checkpoint's.
  package var verifiedEntries: Int { edge.size }

  /// Whether all entries that the checkpoint covers have been verified.
  package var isComplete: Bool { edge.size == checkpoint.size }

  init(
    checkpoint: Checkpoint, note: String, since: Timestamp, edge: TreeEdge, proof: [Digest],
    sequences: ProducerSequences
  ) {
    self.checkpoint = checkpoint
    self.note = note
    self.since = since
    self.edge = edge
    self.proof = proof
    self.sequences = sequences
  }

  /// Reads what `description` wrote. The checkpoint must be signed by `key` and be that of the edge or proven to continue
  /// it, so that what was altered on disk is not taken for what was seen; only the producers' numbers are believed.
  /// - Throws: `LogFormatError`.
  package init(_ text: some Collection<UInt8>, key: VerifierKey) throws {
    let malformed = LogFormatError.malformed("monitor state")
    var scanner = TextScanner(Array(text)[...])
    guard scanner.skip("\(Self.format)\nsince "),
      let since = scanner.line().flatMap({ Timestamp(String(decoding: $0, as: UTF8.self)) })
    else { throw malformed }
    var verified: Int?
    var proof: [Digest] = []
    if scanner.skip("verified ") {
      guard let line = scanner.line(), let number = Decimal.parse(line) else { throw malformed }
      verified = number
      while scanner.skip("proof ") {
        guard let line = scanner.line(),
          let bytes = StrictBase64.decode(String(decoding: line, as: UTF8.self)),
          let hash = Digest(bytes: bytes)
        else { throw malformed }
        proof.append(hash)
      }
    }
    var next: [String: Int64] = [:]
    while scanner.skip("producer ") {
      guard let line = scanner.line(), let space = line.firstIndex(of: UInt8(ascii: " ")),
        let number = Decimal.parse(line[(space + 1)...])
      else { throw malformed }
      next[String(decoding: line[..<space], as: UTF8.self)] = Int64(number)
    }
    var tiles: [String: [Digest]] = [:]
    while scanner.skip("tile ") {
      guard let line = scanner.line(), let space = line.firstIndex(of: UInt8(ascii: " ")),
        let bytes = StrictBase64.decode(String(decoding: line[(space + 1)...], as: UTF8.self)),
        let hashes = Digest.list(bytes)
      else { throw malformed }
      tiles[String(decoding: line[..<space], as: UTF8.self)] = hashes
    }
    guard scanner.skip("\n"), let note = String(validating: scanner.remaining, as: UTF8.self) else {
      throw malformed
    }
    let checkpoint = try Checkpoint.verified(note.utf8, with: key)
    guard
      let edge = TreeEdge(
        size: verified ?? checkpoint.size, tile: { tiles[$0.description] }),
      ProofVerification.consistency(
        from: edge.size, firstRoot: edge.root, to: checkpoint.size,
        secondRoot: checkpoint.root, proof: proof)
    else { throw malformed }
    self.init(
      checkpoint: checkpoint, note: note, since: since, edge: edge, proof: proof,
      sequences: ProducerSequences(next))
  }
}

extension MonitorState: CustomStringConvertible {
  /// The state as it is written to a file.
  package var description: String {
    let producers = sequences.next.sorted { $0.key < $1.key }.map {
      "producer \($0.key) \($0.value)\n"
    }
    let tiles = edge.tiles.map { tile in
      "tile \(tile.coordinate) \(StrictBase64.encode(tile.hashes.flatMap(\.bytes)))\n"
    }
    let hashes = proof.map { "proof \(StrictBase64.encode($0.bytes))\n" }
    let progress = isComplete ? "" : "verified \(edge.size)\n\(hashes.joined())"
    return
      "\(Self.format)\nsince \(since)\n\(progress)\(producers.joined())\(tiles.joined())\n\(note)"
  }
}

extension Digest {
  /// The hashes of a tile; nil when the last one is cut off.
  static func list(_ bytes: [UInt8]) -> [Digest]? {
    guard bytes.count % 32 == 0 else { return nil }
    return stride(from: 0, to: bytes.count, by: 32).compactMap {
      Digest(bytes: Array(bytes[$0..<($0 + 32)]))
    }
  }
}
