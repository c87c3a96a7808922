package import GRDB
package import Model
import ServiceRuntime
import Synchronization
package import TransparencyLog

/// Numbers new entries and keeps the tiles with them: one update of the right edge per commit, in the
/// same transaction as the entries, however many requests share it.
///
/// A leaf belongs to the request whose body added it and goes when that request is rolled back.
package final class TreeWriter: CommitObserver {
  private struct State {
    /// The tree on disk.
    var edge: TreeEdge
    /// The tree with the leaves of the group, while it is being committed.
    var grown: TreeEdge?
    var leaves: [Digest] = []
    /// Leaves of the group's requests before the one that runs.
    var kept = 0

    mutating func forget() {
      grown = nil
      leaves = []
      kept = 0
    }
  }
  private let state: Mutex<State>

  /// - Parameter edge: the tree that is stored.
  package init(edge: TreeEdge) { state = Mutex(State(edge: edge)) }

  /// Takes in the next leaf and returns its index. Only within the body of a write.
  package func add(_ leaf: Digest) -> Int {
    state.withLock { state in
      state.leaves.append(leaf)
      return state.edge.size + state.leaves.count - 1
    }
  }

  package func requestWillBegin(_ db: Database, writes: Bool) {
    state.withLock { $0.kept = $0.leaves.count }
  }

  package func requestRolledBack() {
    state.withLock { $0.leaves.removeLast($0.leaves.count - $0.kept) }
  }

  package func groupWillCommit(_ db: Database) throws {
    let tiles = state.withLock { state -> [TreeEdge.Growth] in
      guard !state.leaves.isEmpty else { return [] }
      var edge = state.edge
      let tiles = edge.append(state.leaves)
      state.grown = edge
      return tiles
    }
    try TileTable(db).store(tiles)
  }

  package func groupCommitted() {
    state.withLock { state in
      if let grown = state.grown { state.edge = grown }
      state.forget()
    }
  }

  package func groupRolledBack() { state.withLock { $0.forget() } }
}
