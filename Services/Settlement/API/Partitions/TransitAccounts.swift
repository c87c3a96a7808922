import Model
import ServiceRuntime
import SettlementDomain
import SettlementStore

/// The IN_TRANSIT accounts, one for each other partition, currency and environment: above zero by what has left for it,
/// below by what has come from it. Those of two partitions for each other sum to zero once nothing is under way.
enum TransitAccounts {
  /// The account for a peer, opened now if there is none.
  static func find(
    for peer: String, _ currency: Currency, _ environment: TypeV1.Environment,
    _ transaction: Transaction
  ) throws -> AccountID {
    let table = PartitionTable(transaction.db)
    if let id = try table.transitAccount(for: peer, currency, environment) { return id }
    let account = Account(
      id: .make(at: transaction.now), ownerID: nil, currency: currency, environment: environment,
      kind: .inTransit, overdraftAllowed: true, createTime: transaction.now)
    try AccountTable(transaction.db).insert(account)
    try table.insertTransit(account, for: peer)
    try transaction.emit(AuditEvent(opened: account))
    return account.id
  }
}
