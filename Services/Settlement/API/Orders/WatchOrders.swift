import Codec
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension OrderHandler {
  private static let heartbeat: Duration = .seconds(2)
  private static let pageCount = 100
  /// A page stays below the 4 MiB that clients accept in one message.
  private static let pageBytes = 3 << 20

  /// Reads from the table at the pace of the reader: nothing is buffered for a slow one. Every change
  /// has its row, written with it, so a resumed stream misses nothing and repeats nothing.
  func watchOrders(
    _ request: SettlementV1.WatchOrdersRequest, _ context: CallContext,
    _ writer: ResponseWriter<SettlementV1.WatchOrdersResponse>
  ) async throws {
    let party: ParticipantID?
    switch try context.viewer() {
    case .exchange: party = nil
    case .participant(let id): party = id
    }
    try await revocations.whileValid(context) { [self] in
      try await withThrowingTaskGroup(of: Void.self) { group in
        let (wakeups, wake) = AsyncStream.makeStream(
          of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let commits = changes.wakeups()
        group.addTask { for await _ in commits { wake.yield() } }
        group.addTask {
          while true {
            try await Task.sleep(for: Self.heartbeat)
            wake.yield()
          }
        }
        group.addTask {
          var cursor = request.afterCursor
          if request.fromNow {
            cursor = try await transactor.database.read { try OrderChangeTable($0).last() }
          }
          try await writer.write(SettlementV1.WatchOrdersResponse(cursor: cursor))
          for await _ in wakeups {
            var step: (page: SettlementV1.WatchOrdersResponse, isLast: Bool)
            repeat {
              step = try await page(after: cursor, of: party)
              try await writer.write(step.page)
              cursor = step.page.cursor
            } while !step.isLast
          }
        }
        defer { group.cancelAll() }
        try await group.next()
      }
    }
  }

  private func page(
    after cursor: Int64, of party: ParticipantID?
  ) async throws -> (SettlementV1.WatchOrdersResponse, isLast: Bool) {
    let now = transactor.clock.now()
    let (last, found) = try await transactor.database.read { db in
      let table = OrderChangeTable(db)
      return (
        try table.last(), try table.list(after: cursor, of: party, limit: Self.pageCount)
      )
    }
    var changes: [SettlementV1.OrderChange] = []
    var bytes = 0
    for change in found {
      let message = SettlementV1.OrderChange(change, at: now)
      bytes += message.serialized().count + 8
      if bytes > Self.pageBytes && !changes.isEmpty { break }
      changes.append(message)
    }
    let isLast = changes.count == found.count && found.count < Self.pageCount
    return (
      SettlementV1.WatchOrdersResponse(
        changes: changes, cursor: isLast ? max(last, cursor) : changes.last?.cursor ?? cursor),
      isLast
    )
  }
}
