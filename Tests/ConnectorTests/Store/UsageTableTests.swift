import ConnectorAPI
import ConnectorDomain
import ConnectorStore
import GRDB
import Model
import ServiceRuntime
import TestSupport
import Testing

struct UsageTableTests {
  private static let order = OrderID(high: 1, low: 1)
  private static let now = Timestamp(microseconds: 1_800_000_000_000_000)

  private func database(in directory: TemporaryDirectory) throws -> ServiceDatabase {
    try ServiceDatabase(
      at: directory.file("connector.sqlite"), service: "connector",
      migrations: ConnectorService.migrations)
  }

  private func usage(_ bytes: Int64, _ order: OrderID = order) -> ServedUsage {
    ServedUsage(orderID: order, mediaType: "text/csv", bytes: bytes)
  }

  @Test func eachInstanceHasASequenceWithoutGaps() async throws {
    let directory = try TemporaryDirectory()
    let database = try database(in: directory)
    let other = OrderID(high: 1, low: 2)
    let batches = try await database.write { db in
      let table = UsageTable(db)
      for (index, order) in [Self.order, other, Self.order, OrderID(high: 9, low: 9)].enumerated() {
        try table.finish(usage(Int64(index), order), of: Int64(index), at: Self.now)
      }
      #expect(try !table.isAnyUnnumbered())
      try table.setInstance("p1", of: Self.order)
      try table.setInstance("p2", of: other)
      try table.number()
      return try table.waiting(limit: 10)
    }
    #expect(batches.map(\.instance) == ["p1", "p2"])
    #expect(batches.map { $0.records.map(\.sequence) } == [[1, 2], [1]])
    #expect(batches[0].records.map(\.bytes) == [0, 2])
    try await database.write { db in
      try UsageTable(db).settle(batches[0], [.counted, .noSuchOrder])
      #expect(try UsageTable(db).waiting(limit: 10) == [batches[1]])
    }
    await database.close()
  }

  @Test func fetchThatTheProcessDidNotSurviveIsReportedAsFarAsItSurelyWent() async throws {
    let directory = try TemporaryDirectory()
    let first = try database(in: directory)
    try await first.write { db in
      try UsageTable(db).note(usage(0), of: 7)
      try UsageTable(db).note(usage(4 << 20), of: 7)
    }
    await first.close()
    let second = try database(in: directory)
    let records = try await second.write { db in
      let table = UsageTable(db)
      try table.recover(at: Self.now)
      try table.recover(at: Self.now)
      try table.setInstance("", of: Self.order)
      try table.number()
      return try table.waiting(limit: 10).flatMap(\.records)
    }
    #expect(
      records == [
        SettlementV1.UsageRecord(sequence: 1, orderID: Self.order, calls: 1, bytes: 4 << 20)
      ])
    await second.close()
  }

  @Test(arguments: [
    "UPDATE usage SET sequence = 3, instance = '' WHERE id = 2", "UPDATE usage SET sequence = 2",
    "UPDATE usage SET bytes = 1", "DELETE FROM usage", "UPDATE usage SET outcome = 2 WHERE id = 1",
    "UPDATE usage SET outcome = 1 WHERE id = 2",
  ])
  func brokenInvariantIsRefused(sql: String) async throws {
    let directory = try TemporaryDirectory()
    let database = try database(in: directory)
    try await database.write { db in
      let table = UsageTable(db)
      try table.setInstance("", of: Self.order)
      try table.finish(usage(5), of: 1, at: Self.now)
      try table.number()
      for batch in try table.waiting(limit: 1) { try table.settle(batch, [.counted]) }
      try table.finish(usage(6), of: 2, at: Self.now)
    }
    await #expect(throws: DatabaseError.self) {
      try await database.write { try $0.execute(sql: sql) }
    }
    await database.close()
  }
}
