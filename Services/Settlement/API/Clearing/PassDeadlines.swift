import Logging
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension ClearingHandler {
  /// Aborts every window whose pay-ins are overdue.
  /// - Returns: the next deadline to come; nil when there is none.
  @discardableResult
  func passDeadlines() async throws -> Timestamp? {
    let now = transactor.clock.now()
    let due = try await transactor.database.read { try WindowTable($0).due(at: now) }
    let context = CallContext.own(service: SettlementService.name, work: "Timekeeper")
    for id in due {
      try await transactor.write(context) { [ledger] transaction in
        _ = try Clearing(ledger, transaction).load(id)
      }
    }
    return try await transactor.database.read { try WindowTable($0).nextDueTime(after: now) }
  }
}
