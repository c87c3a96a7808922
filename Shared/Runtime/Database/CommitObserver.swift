package import GRDB

/// Follows the group-commit writer, for what must move with the database: caches of counters,
/// a link of a journal per group, a signal to a relay.
///
/// All functions are called on the writer, one at a time and in order:
/// `requestWillBegin (requestRolledBack)? … groupWillCommit (groupCommitted | groupRolledBack)`.
/// One that is added while a group is under way hears of that group's end alone.
package protocol CommitObserver: AnyObject, Sendable {
  /// The body of a request is about to run. Before one that `writes`, what is still to be written for those before it
  /// must be: its savepoint comes next. Throwing fails every request of the group.
  func requestWillBegin(_ db: Database, writes: Bool) throws
  /// The body of the request that began last threw: forget what it did since.
  func requestRolledBack()
  /// All bodies of the group ran; what is written here is part of the same commit. Throwing fails
  /// every request of the group.
  func groupWillCommit(_ db: Database) throws
  /// The group is on disk.
  func groupCommitted()
  /// Nothing of the group is on disk: forget what was done since the last commit.
  func groupRolledBack()
}

extension CommitObserver {
  package func requestWillBegin(_ db: Database, writes: Bool) throws {}
  package func requestRolledBack() {}
  package func groupWillCommit(_ db: Database) throws {}
  package func groupCommitted() {}
  package func groupRolledBack() {}
}
