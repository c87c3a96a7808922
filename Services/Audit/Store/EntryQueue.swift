import AuditDomain
package import GRDB
import Model
import ServiceRuntime
import Synchronization
import TransparencyLog

/// New entries of the requests that share a commit: decided on one by one, and written together before the commit, or before a
/// request that writes by itself. So requests need no savepoints, and what they share is written once.
///
/// An entry belongs to the request whose body added it and goes when that request is rolled back.
package final class EntryQueue: CommitObserver {
  private struct State {
    /// What is not written yet, in order, and the index of the first of it.
    var waiting: [Candidate] = []
    var start = 0
    /// Where the event of each is in `waiting`.
    var places: [EventID: Int] = [:]
    /// The number of the next event of each producer whose events wait or waited.
    var next: [String: Int64] = [:]
    /// Entries of the requests before the one that runs.
    var kept = 0
  }
  private let tree: TreeWriter
  private let subjects: SubjectCache
  private let state = Mutex(State())

  package init(for tree: TreeWriter, knowing subjects: SubjectCache) {
    self.tree = tree
    self.subjects = subjects
  }

  /// The number that the producer's next event has. Only within the body of a write, as everything here.
  package func nextSequence(of producer: String, _ db: Database) throws -> Int64 {
    try state.withLock { $0.next[producer] } ?? EntryTable(db).nextSequence(of: producer)
  }

  /// What waits under an event's id.
  func known(_ event: EventID) -> KnownEvent? {
    state.withLock { state in
      state.places[event].map { place in
        state.waiting[place].known(at: state.start + place)
      }
    }
  }

  /// Adds an event, which must be its producer's next one, at the end of the log. Returns its index.
  func add(_ candidate: Candidate) -> Int {
    let body = candidate.body
    return state.withLock { state in
      let index = tree.add(candidate.leafHash)
      if state.waiting.isEmpty { state.start = index }
      state.places[body.eventID] = state.waiting.count
      state.waiting.append(candidate)
      state.next[body.producer] = body.producerSequence + 1
      return index
    }
  }

  /// Writes what waits.
  package func write(_ db: Database) throws {
    let state = state.withLock { state in
      defer { state = State() }
      return state
    }
    guard !state.waiting.isEmpty else { return }
    let entries = try EntryInsertion(db)
    let details = try DetailsInsertion(db, knowing: subjects)
    var next: [String: Int64] = [:]
    for (place, candidate) in state.waiting.enumerated() {
      let index = state.start + place
      guard try entries.run(candidate.body, leafHash: candidate.leafHash, at: index) else {
        throw LogCorruption("event \(candidate.body.eventID) is known and not known")
      }
      try details.run(candidate, at: index)
      next[candidate.body.producer] = candidate.body.producerSequence + 1
    }
    for (producer, next) in next { try EntryTable(db).setNextSequence(next, of: producer) }
    try SpanTable(db).extend(state.waiting.map(\.body.time), from: state.start)
  }

  package func requestWillBegin(_ db: Database, writes: Bool) throws {
    if writes { try write(db) }
    state.withLock { $0.kept = $0.waiting.count }
  }

  package func requestRolledBack() {
    state.withLock { state in
      while state.waiting.count > state.kept {
        let body = state.waiting.removeLast().body
        state.places[body.eventID] = nil
        state.next[body.producer] = body.producerSequence
      }
    }
  }

  package func groupWillCommit(_ db: Database) throws { try write(db) }
  package func groupRolledBack() { state.withLock { $0 = State() } }
}
