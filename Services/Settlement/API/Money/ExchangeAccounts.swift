import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

/// The exchange's own accounts.
enum ExchangeAccounts {
  /// Opens those for đồng in both environments, or for what the partition owns, unless they are there.
  static func open(_ transactor: Transactor, in partitions: Partitions) async throws {
    let context = CallContext.own(service: SettlementService.name, work: "ExchangeAccounts")
    try await transactor.write(context) { transaction in
      for (currency, environment) in partitions.kinds {
        for kind in [AccountKind.escrow, .fee, .tax, .external] {
          _ = try find(kind, currency, environment, transaction)
        }
      }
    }
  }

  /// The account of a kind, opened now if it is the first of its currency.
  static func find(
    _ kind: AccountKind, _ currency: Currency, _ environment: TypeV1.Environment,
    _ transaction: Transaction
  ) throws -> Account {
    let table = AccountTable(transaction.db)
    if let account = try table.ofExchange(kind, currency, environment) { return account }
    let account = Account(
      id: .make(at: transaction.now), ownerID: nil, currency: currency, environment: environment,
      kind: kind, overdraftAllowed: kind == .external, createTime: transaction.now)
    try table.insert(account)
    try transaction.emit(AuditEvent(opened: account))
    return account
  }

  /// The account into which a participant is paid, opened now if it has none.
  static func find(
    owner: ParticipantID, _ currency: Currency, _ environment: TypeV1.Environment,
    _ transaction: Transaction
  ) throws -> Account {
    let table = AccountTable(transaction.db)
    if let account = try table.ofParticipant(owner, currency, environment) { return account }
    let account = Account(
      id: .make(at: transaction.now), ownerID: owner, currency: currency, environment: environment,
      kind: .participant, createTime: transaction.now)
    try table.insert(account)
    try transaction.emit(AuditEvent(opened: account))
    return account
  }
}
