import GRDB
import Model
import RPC
import ServiceRuntime
import Synchronization
import TestSupport
import Testing

@Suite struct GroupCommitTests {
  /// Starts `count` writes while the writer is held, so that they wait together.
  private func pileUp(
    _ count: Int, on test: TestDatabase, _ body: @escaping @Sendable (Int, Database) throws -> Void
  ) async throws -> [Result<Void, any Error>] {
    let gate = Gate()
    return try await withThrowingTaskGroup(of: (Int, Result<Void, any Error>).self) { group in
      group.addTask {
        try await test.database.write { _ in gate.pass() }
        return (-1, .success(()))
      }
      await gate.untilReached()
      for index in 0..<count {
        group.addTask {
          do {
            try await test.database.write { try body(index, $0) }
            return (index, .success(()))
          } catch {
            return (index, .failure(error))
          }
        }
      }
      while test.database.queuedWrites < count { await Task.yield() }
      gate.open()
      var results = [Result<Void, any Error>](repeating: .success(()), count: count)
      for try await (index, result) in group where index >= 0 { results[index] = result }
      return results
    }
  }

  @Test func requestsThatWaitTogetherShareOneCommit() async throws {
    let test = try TestDatabase()
    let results = try await pileUp(200, on: test) { index, db in
      try db.execute(sql: "INSERT INTO note (text) VALUES (?)", arguments: ["\(index)"])
    }
    #expect(results.allSatisfy { (try? $0.get()) != nil })
    #expect(test.database.statistics.commits == 2)
    #expect(test.database.statistics.requests == 201)
    #expect(try await test.notes.count == 200)
  }

  @Test func aGroupIsNotLargerThanItsBound() async throws {
    var limits = DatabaseLimits()
    limits.writesPerCommit = 16
    let test = try TestDatabase(limits: limits)
    _ = try await pileUp(64, on: test) { index, db in
      try db.execute(sql: "INSERT INTO note (text) VALUES (?)", arguments: ["\(index)"])
    }
    #expect(test.database.statistics.commits == 1 + 4)
  }

  @Test func aBodyThatThrowsLeavesItsNeighboursAlone() async throws {
    let test = try TestDatabase()
    let results = try await pileUp(20, on: test) { index, db in
      try db.execute(sql: "INSERT INTO note (text) VALUES (?)", arguments: ["\(index)"])
      if index % 2 == 1 { throw Refused() }
    }
    #expect(test.database.statistics.commits == 2)
    for (index, result) in results.enumerated() {
      if index % 2 == 1 {
        #expect(throws: Refused.self) { try result.get() }
      } else {
        #expect(throws: Never.self) { try result.get() }
      }
    }
    #expect(try await test.notes.count == 10)
  }

  @Test func aBrokenConstraintRollsBackOnlyItsRequest() async throws {
    let test = try TestDatabase()
    try await test.add("taken")
    await #expect(throws: DatabaseError.self) { try await test.add("taken") }
    try await test.add("free")
    #expect(try await test.notes == ["free", "taken"])
  }

  @Test func tooManyWaitingWritesAreRefusedAtOnce() async throws {
    var limits = DatabaseLimits()
    limits.queuedWrites = 8
    let test = try TestDatabase(limits: limits)
    let gate = Gate()
    async let held: Void = test.database.write { _ in gate.pass() }
    await gate.untilReached()
    let waiting = (0..<8).map { index in Task { try await test.add("\(index)") } }
    while test.database.queuedWrites < 8 { await Task.yield() }
    let error = await #expect(throws: RuntimeError.self) { try await test.add("one too many") }
    #expect(error == .overloaded)
    #expect(error?.status == .resourceExhausted)
    gate.open()
    try await held
    for task in waiting { try await task.value }
    #expect(try await test.notes.count == 8)
  }

  @Test func aRequestCancelledBeforeItStartsIsNotDone() async throws {
    let test = try TestDatabase()
    let gate = Gate()
    async let held: Void = test.database.write { _ in gate.pass() }
    await gate.untilReached()
    let task = Task { try await test.add("never") }
    while test.database.queuedWrites < 1 { await Task.yield() }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    gate.open()
    try await held
    try await test.add("after")
    #expect(try await test.notes == ["after"])
  }

  @Test func aDiskThatIsFullFailsEveryMemberAndNothingStays() async throws {
    let test = try TestDatabase()
    let observer = RecordingObserver()
    test.database.add(observer)
    // A database that may not grow stands for a disk that is full.
    try await test.database.write { db in
      let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
      try db.execute(sql: "PRAGMA max_page_count = \(pages)")
    }
    let results = try await pileUp(4, on: test) { index, db in
      try db.execute(
        sql: "INSERT INTO note (text) VALUES (? || hex(zeroblob(200000)))", arguments: ["\(index)"])
    }
    for result in results {
      let error = #expect(throws: RuntimeError.self) { try result.get() }
      #expect(error == .notStored)
    }
    #expect(try await test.notes.isEmpty)
    try await test.add("small")
    #expect(try await test.notes == ["small"])
  }

  @Test func anObserverThatThrowsFailsTheGroup() async throws {
    let test = try TestDatabase()
    let observer = RecordingObserver()
    test.database.add(observer)
    observer.failNextCommit()
    let error = await #expect(throws: RuntimeError.self) { try await test.add("lost") }
    #expect(error == .notStored)
    #expect(test.database.statistics.failedCommits == 1)
    try await test.add("kept")
    await #expect(throws: Refused.self) { try await test.database.write { _ in throw Refused() } }
    #expect(
      observer.events == [
        "began", "will", "rolled back", "began", "will", "committed", "began", "undone", "will",
        "committed",
      ])
    #expect(try await test.notes == ["kept"])
  }

  @Test func writesAfterCloseAreRefused() async throws {
    let test = try TestDatabase()
    try await test.add("before")
    await test.database.close()
    let error = await #expect(throws: RuntimeError.self) { try await test.add("after") }
    #expect(error == .shuttingDown)
  }
}

private final class RecordingObserver: CommitObserver {
  private let state = Mutex<(events: [String], fails: Bool)>(([], false))
  var events: [String] { state.withLock { $0.events } }
  func failNextCommit() { state.withLock { $0.fails = true } }
  private func note(_ event: String) { state.withLock { $0.events.append(event) } }

  func requestWillBegin(_ db: Database, writes: Bool) { note("began") }
  func requestRolledBack() { note("undone") }
  func groupWillCommit(_ db: Database) throws {
    note("will")
    let fails = state.withLock { state in
      defer { state.fails = false }
      return state.fails
    }
    if fails { throw Refused() }
  }
  func groupCommitted() { note("committed") }
  func groupRolledBack() { note("rolled back") }
}
