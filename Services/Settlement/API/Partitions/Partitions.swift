import Model
import SettlementDomain

/// What of the exchange's money and orders this instance owns, and who owns the rest.
struct Partitions: Sendable {
  /// Nil when it owns everything.
  let own: IdentityV1.Partition?
  /// Nil where nobody asks: an instance that owns everything needs no table.
  let routing: RoutingSource?

  /// What the only instance owns.
  static let everything = Partitions(own: nil, routing: nil)

  /// - Parameter payer: nil for the exchange's own accounts.
  /// - Throws: `PartitionRule.wrongPartition` unless money of this kind and payer is here.
  func require(
    _ currency: Currency, _ environment: TypeV1.Environment, _ payer: ParticipantID?
  ) throws {
    guard let own, !own.owns(currency, environment, payer) else { return }
    let owner = payer.flatMap { routing?.table?.owner(currency, environment, $0) }
    throw SettlementError.partition(.wrongPartition(own: own.name, owner: owner))
  }

  /// - Throws: `PartitionRule.wrongPartition` when no order of this consumer can be here.
  func requireConsumer(_ consumer: ParticipantID) throws {
    guard let own else { return }
    func places(_ partition: IdentityV1.Partition) -> Bool {
      partition.scopes.contains { scope in
        Currency(scope.currencyCode).map { scope.contains($0, scope.environment, consumer) }
          ?? false
      }
    }
    guard !places(own) else { return }
    let owners = (routing?.table?.partitions ?? []).filter(places)
    throw SettlementError.partition(
      .wrongPartition(own: own.name, owner: owners.count == 1 ? owners[0] : nil))
  }

  /// - Throws: `PartitionRule.wrongPartition` for a batch with money of a currency that is not here at all. Whose the
  ///   accounts are, the ledger itself finds out.
  func requireCurrencies(of transfers: [SettlementV1.Transfer]) throws {
    guard let own else { return }
    for code in Set(transfers.map(\.currencyCode)) {
      guard let currency = Currency(code), !own.scopes.contains(where: { $0.currencyCode == code })
      else { continue }
      let owners = (routing?.table?.partitions ?? []).filter {
        $0.scopes.contains { $0.currencyCode == currency.code }
      }
      throw SettlementError.partition(
        .wrongPartition(own: own.name, owner: owners.count == 1 ? owners[0] : nil))
    }
  }

  /// The partition to which money for `receiver` must cross; nil when it stays here.
  /// - Throws: `.dependency` until a routing table is known that has this instance in it, `PartitionRule.unrouted`.
  func destination(
    of receiver: ParticipantID, _ currency: Currency, _ environment: TypeV1.Environment
  ) throws -> String? {
    guard let own, !own.owns(currency, environment, receiver) else { return nil }
    guard let table = routing?.table, table.partition(named: own.name) != nil else {
      throw SettlementError.dependency("identity")
    }
    guard let owner = table.owner(currency, environment, receiver), owner.name != own.name else {
      throw SettlementError.partition(.unrouted)
    }
    return owner.name
  }
}
