import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

/// Says in the database whose it is, so that it is never served as another partition's.
enum PartitionStamp {
  /// Stamps the database with what is configured. One without a partition becomes one of a partition, and a partition
  /// gets other scopes, only when nothing in it would lie outside.
  ///
  /// - Returns: the instance's name in the audit log.
  /// - Throws: `StartupError` with `badData` when the database is another partition's.
  static func adopt(
    _ partition: IdentityV1.Partition?, _ transactor: Transactor
  ) async throws -> String {
    let context = CallContext.own(service: SettlementService.name, work: "PartitionStamp")
    let text = partition?.text ?? ""
    return try await transactor.write(context) { transaction in
      let table = PartitionTable(transaction.db)
      let known = try table.stamp()
      if let known, known.partition == text { return known.auditInstance }
      try check(partition, after: known, transaction)
      // A database that has written events goes on under the name it had.
      let isFresh = try known == nil && !table.hasEvents()
      let stamp = PartitionTable.Stamp(
        partition: text,
        auditInstance: known?.auditInstance ?? (isFresh ? partition?.name : nil) ?? "")
      try table.set(stamp)
      if let partition {
        try transaction.emit(
          AuditEvent(
            kind: "partition.adopted", subjects: ["partition/\(partition.name)"],
            payload: ["partition": text, "before": known?.partition ?? ""]))
      }
      return stamp.auditInstance
    }
  }

  private static func check(
    _ partition: IdentityV1.Partition?, after known: PartitionTable.Stamp?,
    _ transaction: Transaction
  ) throws {
    let old = known.flatMap { IdentityV1.Partition($0.partition) }
    if let old, old.name != partition?.name {
      throw StartupError(
        .badData,
        "the database is that of partition \(old.name), not of \(partition?.name ?? "everything")")
    }
    guard let partition else { return }
    if let account = try PartitionTable(transaction.db).accountOutside(partition) {
      throw StartupError(
        .badData, "account \(account) of the database is not of partition \(partition.text)")
    }
    guard try OrderTable(transaction.db).areAll(in: partition) else {
      throw StartupError(
        .badData, "an order of the database is not of partition \(partition.text)")
    }
  }
}
