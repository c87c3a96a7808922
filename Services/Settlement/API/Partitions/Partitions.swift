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

  /// The kinds of money that are here from the first day on: of an instance that owns everything, đồng.
  var kinds: [(Currency, TypeV1.Environment)] {
    guard let own else { return [(.vnd, .live), (.vnd, .sandbox)] }
    return own.scopes.compactMap { scope in
      Currency(scope.currencyCode).map { ($0, scope.environment) }
    }
  }

  /// - Parameter payer: nil for the exchange's own accounts.
  /// - Throws: `PartitionRule.wrongPartition` unless money of this kind and payer is here.
  func require(
    _ currency: Currency, _ environment: TypeV1.Environment, _ payer: ParticipantID?
  ) throws {
    try require { $0.contains(currency, environment, payer) }
  }

  /// - Throws: `PartitionRule.wrongPartition` when no money, and so no order, of this payer can be here.
  func require(_ payer: ParticipantID) throws {
    let slot = IdentityV1.PartitionScope.slot(of: payer)
    try require { $0.firstSlot <= slot && slot <= $0.lastSlot }
  }

  /// - Throws: `PartitionRule.wrongPartition` when a participant looks at accounts, which it has elsewhere alone.
  func require(_ viewer: Viewer) throws {
    if case .participant(let owner) = viewer { try require(owner) }
  }

  /// - Throws: `PartitionRule.wrongPartition` when nothing of this environment is here.
  func require(_ environment: TypeV1.Environment) throws {
    try require { $0.environment == environment }
  }

  /// - Parameters: what a list is confined to; nil for all of them.
  /// - Throws: `PartitionRule.wrongPartition` when nothing of that is here.
  func require(_ currency: Currency?, _ environment: TypeV1.Environment?) throws {
    try require { scope in
      currency.map { scope.currencyCode == $0.code } ?? true
        && environment.map { scope.environment == $0 } ?? true
    }
  }

  /// - Throws: `PartitionRule.wrongPartition` for a batch with money of a currency that is not here at all. Whose the
  ///   accounts are, the ledger itself finds out.
  func requireCurrencies(of transfers: [SettlementV1.Transfer]) throws {
    guard own != nil else { return }
    for code in Set(transfers.map(\.currencyCode)) where Currency(code) != nil {
      try require { $0.currencyCode == code }
    }
  }

  /// - Throws: `PartitionRule.wrongPartition` when a list has nothing for a participant whose orders are elsewhere.
  func requireSome(_ isEmpty: Bool, of participant: ParticipantID?) throws {
    if isEmpty, let participant { try require(participant) }
  }

  /// The refusal of an id that is unknown here. Ids say nothing of places: unless this instance owns everything,
  /// another may know it.
  func unknown(_ refusal: SettlementError) -> SettlementError {
    guard let own else { return refusal }
    return .partition(.wrongPartition(own: own.name, owner: nil))
  }

  /// The one place that refuses what another instance owns. It names the owner where only one can be.
  private func require(_ isMeant: (IdentityV1.PartitionScope) -> Bool) throws {
    guard let own, !own.scopes.contains(where: isMeant) else { return }
    let owners = (routing?.table?.partitions ?? []).filter { $0.scopes.contains(where: isMeant) }
    throw SettlementError.partition(
      .wrongPartition(own: own.name, owner: owners.count == 1 ? owners[0] : nil))
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
