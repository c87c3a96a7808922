import Model
import ServiceRuntime
import SettlementDomain
import Stubs

/// Money between partitions. One file for each RPC.
struct CrossingHandler: CrossingServiceHandler {
  let transactor: Transactor
  let ledger: Ledger

  /// This instance's partition.
  /// - Throws: `PartitionRule.notPartitioned`.
  func own() throws -> IdentityV1.Partition {
    guard let own = ledger.partitions.own else {
      throw SettlementError.partition(.notPartitioned)
    }
    return own
  }
}

extension SettlementV1.Crossing {
  init(_ crossing: Crossing) {
    self.init(
      id: crossing.id, destination: crossing.destination, debitAccountID: crossing.debitAccountID,
      receiverID: crossing.receiverID, creditAccountID: crossing.creditAccountID,
      amount: crossing.amount, environment: crossing.environment, orderID: crossing.orderID,
      state: SettlementV1.CrossingState(rawValue: crossing.state.rawValue),
      refusalReason: crossing.refusalReason, createTime: crossing.createTime,
      updateTime: crossing.updateTime)
  }
}

extension AuditEvent {
  /// What happened to money on its way to another partition.
  init(_ kind: String, _ crossing: Crossing) {
    var subjects = ["crossing/\(crossing.id)", "participant/\(crossing.receiverID)"]
    if let order = crossing.orderID { subjects.append("order/\(order)") }
    var payload = [
      "destination": crossing.destination, "amount": crossing.amount.description,
      "environment": crossing.environment.protoName ?? "",
    ]
    if !crossing.refusalReason.isEmpty { payload["reason"] = crossing.refusalReason }
    self.init(kind: kind, subjects: subjects, payload: payload)
  }

  /// What was decided about money from another partition.
  init(_ kind: String, _ received: ReceivedCrossing) {
    var subjects = ["crossing/\(received.id)", "participant/\(received.receiverID)"]
    if let order = received.orderID { subjects.append("order/\(order)") }
    var payload = ["origin": received.origin, "amount": received.amount.description]
    if case .refused(let reason) = received.decision { payload["reason"] = reason }
    self.init(kind: kind, subjects: subjects, payload: payload)
  }
}
