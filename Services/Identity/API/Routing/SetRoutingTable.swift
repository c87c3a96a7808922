import IdentityDomain
import IdentityStore
import Model
import RPC
import ServiceRuntime
import Stubs

extension RoutingHandler {
  func setRoutingTable(
    _ request: IdentityV1.SetRoutingTableRequest, _ context: CallContext
  ) async throws -> IdentityV1.SetRoutingTableResponse {
    try await identity.transactor.mutate(request, context) { transaction in
      transaction.concerns("routing/settlement")
      let current = try RoutingTableStore.current(transaction.db)
      guard request.version == current.version else {
        throw IdentityError.routingVersionStale(current: current.version)
      }
      try RoutingRule.check(request.partitions)
      let table = IdentityV1.RoutingTable(
        version: current.version + 1, partitions: request.partitions, updateTime: transaction.now)
      try RoutingTableStore.insert(table, transaction.db)
      var payload = ["version": "\(table.version)"]
      for partition in table.partitions {
        payload["partition_\(partition.name)"] =
          "\(partition.text) at \(partition.addresses.joined(separator: ","))"
      }
      try transaction.emit(
        AuditEvent(kind: "routing.set", subjects: ["routing/settlement"], payload: payload))
      return IdentityV1.SetRoutingTableResponse(routing: table)
    }
  }
}
