import ConnectorStore
import GRDB
import Logging
import Model
import RPC
import ServiceLifecycle
import ServiceRuntime

/// Reports to settlement what was used of orders that are paid by usage, again and again until it has answered. Each
/// instance of settlement gets a sequence without gaps, by which it counts a repetition once.
struct UsageRelay: Service {
  private static let batchLimit = 500

  let database: ServiceDatabase
  let clock: WallClock
  let logger: Logger
  let report: ExchangeCalls.Report
  private let signal = CommitSignal()

  init(
    database: ServiceDatabase, clock: WallClock, logger: Logger,
    report: @escaping ExchangeCalls.Report
  ) {
    self.database = database
    self.clock = clock
    self.logger = logger
    self.report = report
    database.add(signal)
  }

  func run() async throws {
    try? await cancelWhenGracefulShutdown {
      for await _ in signal.wakeups {
        var backoff = Backoff()
        while try await !sendWaiting() { try await backoff.wait() }
      }
    }
  }

  /// Reports what waits. False when some must be tried again.
  func sendWaiting() async throws -> Bool {
    do {
      if try await database.read({ try UsageTable($0).isAnyUnnumbered() }) {
        try await database.write { try UsageTable($0).number() }
      }
      var isDone = true
      for batch in try await database.read({ try UsageTable($0).waiting(limit: Self.batchLimit) }) {
        try Task.checkCancellation()
        if try await !send(batch) || batch.records.count == Self.batchLimit { isDone = false }
      }
      return isDone
    } catch {
      try Task.checkCancellation()
      logger.warning("reports of usage wait", metadata: ["cause": "\(error)"])
      return false
    }
  }

  /// False when settlement has not answered, or not for every record.
  private func send(_ batch: UsageTable.Batch) async throws -> Bool {
    let response: SettlementV1.ReportUsageResponse
    do {
      response = try await report(
        batch.instance,
        SettlementV1.ReportUsageRequest(
          requestID: .make(at: clock.now()), records: batch.records))
    } catch let status as RPCStatus {
      if let next = status.nextUsage { return try await goOn(with: batch, behind: next) }
      logger.warning(
        "usage not taken",
        metadata: [
          "instance": "\(batch.instance)", "cause": "\(status)",
          "first_sequence": "\(batch.records.first?.sequence ?? 0)",
        ])
      return false
    }
    for (record, outcome) in zip(batch.records, response.outcomes) {
      guard outcome != .counted, outcome != .repeated else { continue }
      logger.error(
        "usage does not count",
        metadata: ["order": "\(record.orderID)", "outcome": "\(outcome.protoName ?? "")"])
    }
    try await database.write { try UsageTable($0).settle(batch, response.outcomes) }
    return response.outcomes.count == batch.records.count
  }

  /// For a database that was restored from an older copy than settlement knows: what settlement has of the batch counts
  /// once, and the rest goes on behind what it has. False, as the rest is to be sent again.
  private func goOn(with batch: UsageTable.Batch, behind next: Int64) async throws -> Bool {
    guard let first = batch.records.first else { return true }
    guard batch.records.count == 1 else {
      for single in batch.singles {
        guard try await send(single) else { return false }
      }
      return true
    }
    guard next > first.sequence else { return false }
    logger.error(
      "settlement has counted usage that this copy of the database has forgotten",
      metadata: [
        "instance": "\(batch.instance)", "from_sequence": "\(first.sequence)",
        "to_sequence": "\(next - 1)",
      ])
    try await database.write {
      try UsageTable($0).moveOn(in: batch.instance, from: first.sequence, to: next)
    }
    return false
  }
}

extension RPCStatus {
  /// The place that settlement expects next, when it says that others were used for other records.
  fileprivate var nextUsage: Int64? {
    guard let details, details.reason == "USAGE_SEQUENCE_REUSED" else { return nil }
    return details.metadata["expected_sequence"].flatMap { Int64($0) }
  }
}
