package import AuditDomain
import ServiceRuntime
import Synchronization

/// Subjects that new events have named lately: to look them up costs more than to keep the event. What it knows is what the
/// writer's connection would find: it forgets everything when anything is undone, and when a subject is erased.
package final class SubjectCache: CommitObserver {
  /// The subjects named since the last change of generations, and those of the one before.
  private struct State {
    var recent: [String: StoredSubject] = [:]
    var older: [String: StoredSubject] = [:]
  }
  private let capacity: Int
  private let state = Mutex(State())

  /// - Parameter capacity: how many subjects it knows at most.
  package init(capacity: Int = 32_768) { self.capacity = capacity }

  /// The key that details of a subject are likely to be sealed with. Outside of a write it may be out of date.
  package func key(of name: String) -> SubjectKey? {
    find(name).flatMap { subject in subject.key.map { SubjectKey(id: subject.id, key: $0) } }
  }

  /// What is known of a subject; certain within the body of a write.
  func find(_ name: String) -> StoredSubject? {
    state.withLock { state in
      if let known = state.recent[name] { return known }
      guard let known = state.older[name] else { return nil }
      keep(known, name, &state)
      return known
    }
  }

  func keep(_ subject: StoredSubject, as name: String) {
    state.withLock { keep(subject, name, &$0) }
  }

  private func keep(_ subject: StoredSubject, _ name: String, _ state: inout State) {
    if state.recent.count >= capacity / 2 {
      state.older = state.recent
      state.recent = [:]
    }
    state.recent[name] = subject
  }

  /// Forgets everything, keys included.
  package func forget() { state.withLock { $0 = State() } }

  package func requestRolledBack() { forget() }
  package func groupRolledBack() { forget() }
}
