import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension UsageHandler {
  /// Each system of a provider has a sequence of its own. What came before is answered as such and does
  /// not count twice, under this request id or another.
  func reportUsage(
    _ request: SettlementV1.ReportUsageRequest, _ context: CallContext
  ) async throws -> SettlementV1.ReportUsageResponse {
    let caller = try context.participant()
    return try await transactor.mutate(request, context) { [partitions] transaction in
      let table = UsageTable(transaction.db)
      var expected = try table.nextSequence(of: caller.participantID, caller.systemID)
      var meters: [OrderID: (order: Order, meter: UsageMeter)] = [:]
      var outcomes: [UsageOutcome] = []
      for record in request.records {
        let taken = try table.record(record.sequence, of: caller.participantID, caller.systemID)
        guard try UsageSequence.isNew(record, taken: taken, expected: expected) else {
          outcomes.append(.repeated)
          continue
        }
        let outcome = try Self.count(record, of: caller, in: &meters, partitions, transaction)
        try table.insert(
          record, of: caller.participantID, caller.systemID, outcome, at: transaction.now)
        outcomes.append(outcome)
        expected += 1
      }
      for (order, meter) in meters.values.sorted(by: { $0.order.id < $1.order.id }) {
        try table.save(meter, of: order.id)
        try transaction.emit(
          AuditEvent("usage.reported", order, meter.audited("system/\(caller.systemID)")))
      }
      return SettlementV1.ReportUsageResponse(
        outcomes: outcomes.map { SettlementV1.UsageOutcome(rawValue: $0.rawValue) },
        nextSequence: expected)
    }
  }

  private static func count(
    _ record: SettlementV1.UsageRecord, of caller: ParticipantCaller,
    in meters: inout [OrderID: (order: Order, meter: UsageMeter)], _ partitions: Partitions,
    _ transaction: Transaction
  ) throws -> UsageOutcome {
    let counted = meters[record.orderID]
    let found = try counted?.order ?? OrderTable(transaction.db).find(record.orderID)
    // A record that counts for nothing keeps its place in the sequence: what another instance may know is not taken.
    if found == nil, partitions.own != nil {
      throw partitions.unknown(.orderNotFound(record.orderID))
    }
    guard let order = found, order.terms.providerID == caller.participantID, order.terms.isMetered,
      order.terms.environment == caller.environment
    else { return .noSuchOrder }
    guard order.isMeterOpen(at: transaction.now) else { return .periodClosed }
    let before = try counted?.meter ?? UsageTable(transaction.db).meter(of: order.id)
    let used = UsageMeter(calls: record.calls, bytes: record.bytes, rows: record.rows)
    guard let sum = before.adding(used) else { return .meterFull }
    meters[order.id] = (order, sum)
    return .counted
  }
}
