import AuditStore
import Model
import Synchronization
import TransparencyLog

/// Nodes of the log's tree in memory, for proofs without hashing or reading. Nodes of full subtrees
/// never change, so nothing here is ever wrong: a partial tile serves until more of it is needed. When the
/// memory is full the tile goes that was not asked for since the others were (the clock algorithm).
final class NodeCache: Sendable {
  private struct Slot {
    var coordinate: TileCoordinate
    var tile: TilePyramid
    var isUsed = false
  }
  private struct State {
    var slots: [Slot] = []
    var positions: [TileCoordinate: Int] = [:]
    /// The slot that is looked at first when room is needed.
    var hand = 0
    /// Of the largest size asked for.
    var suffixes: TreeSuffixes?

    /// The next slot that was not used since the hand passed it.
    mutating func nextUnused() -> Int {
      while slots[hand].isUsed {
        slots[hand].isUsed = false
        hand = (hand + 1) % slots.count
      }
      defer { hand = (hand + 1) % slots.count }
      return hand
    }
  }
  private let capacity: Int
  private let state = Mutex(State())

  /// - Parameter bytes: most memory of the tiles' nodes; 128 MiB hold those of 2 million entries.
  init(bytes: Int) { capacity = max(bytes / TilePyramid.bytes, 1) }

  /// Tiles as far as they are in memory, for proofs against the log of `size` entries.
  func reader(size: Int) -> TileReader {
    TileReader(pyramids: { self.tile($0, width: $0.width(inLogOf: size)) })
  }

  /// Tiles of which those are read and kept that are not in memory.
  func reader(size: Int, _ table: TileTable) -> TileReader {
    TileReader(pyramids: { coordinate in
      if let known = self.tile(coordinate, width: coordinate.width(inLogOf: size)) { return known }
      guard let tile = try table.hashes(coordinate).map({ TilePyramid($0) }) else { return nil }
      self.keep(tile, at: coordinate)
      return tile
    })
  }

  /// The hashes that proofs against one size share; those of the largest size are kept.
  func suffixes(size: Int, _ tiles: inout TileReader) throws -> TreeSuffixes {
    if let known = state.withLock({ $0.suffixes }), known.size == size { return known }
    let suffixes = try tiles.suffixes(size: size)
    state.withLock { state in
      if state.suffixes.map({ $0.size < size }) ?? true { state.suffixes = suffixes }
    }
    return suffixes
  }

  private func tile(_ coordinate: TileCoordinate, width: Int) -> TilePyramid? {
    state.withLock { state in
      guard let position = state.positions[coordinate],
        state.slots[position].tile.width >= width
      else { return nil }
      state.slots[position].isUsed = true
      return state.slots[position].tile
    }
  }

  private func keep(_ tile: TilePyramid, at coordinate: TileCoordinate) {
    state.withLock { state in
      if let position = state.positions[coordinate] {
        if state.slots[position].tile.width < tile.width { state.slots[position].tile = tile }
        return
      }
      let slot = Slot(coordinate: coordinate, tile: tile)
      guard state.slots.count == capacity else {
        state.positions[coordinate] = state.slots.count
        state.slots.append(slot)
        return
      }
      let position = state.nextUnused()
      state.positions[state.slots[position].coordinate] = nil
      state.slots[position] = slot
      state.positions[coordinate] = position
    }
  }
}
