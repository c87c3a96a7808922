import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore
import TestSupport

@testable import SettlementAPI

/// Two instances of settlement, each with half of the payers, a database and a clock of its own, and the network
/// between them. It outlives the crashes.
final class SimulatedPartitions {
  let names = ["p1", "p2"]
  let times = [SimulatedTime(WallClock.system.now()), SimulatedTime(WallClock.system.now())]
  let network = SimulatedNetwork()
  let officer = CallContext.test(caller: .service(name: "settlement"))
  private(set) var instances: [SimulatedExchange] = []
  private let directory: TemporaryDirectory
  private let folders: [TemporaryDirectory]
  private let authority: TestAuthority
  private let standIn: DirectoryStandIn
  private let partitions: [IdentityV1.Partition]

  init() async throws {
    directory = try TemporaryDirectory()
    let directory = directory
    folders = try names.map { try TemporaryDirectory($0, in: directory) }
    authority = try TestAuthority(lifetimeSeconds: 10 * 365 * 86_400)
    standIn = try await DirectoryStandIn(authority)
    partitions = try TestPartitions.texts.enumerated().map { index, text in
      guard var partition = IdentityV1.Partition(text) else {
        throw TestMarket.MarketError.notStored
      }
      partition.addresses = ["127.0.0.1:\(index + 1)"]
      return partition
    }
    standIn.set(partitions)
    FaultyFiles.watch(directory.path)
    for side in 0...1 { instances.append(try await open(side)) }
  }

  func close() async {
    for instance in instances { await instance.close() }
    await standIn.shutdown()
  }

  private func open(_ side: Int) async throws -> SimulatedExchange {
    let exchange = try await SimulatedExchange(
      in: folders[side], authority, standIn.settings, clock: times[side].clock,
      as: (partitions[side], SimulatedPeers(name: names[side], network: network)))
    network.set(exchange.crossings, for: names[side])
    return exchange
  }

  /// Ends sides, does something while they are away, and opens their databases again.
  func reopen(_ sides: [Int], _ body: () -> Void) async throws {
    for side in sides { await instances[side].close() }
    body()
    for side in sides { instances[side] = try await open(side) }
  }

  func restart(_ sides: [Int]) async throws { try await reopen(sides) {} }

  func relay(_ side: Int) throws -> CrossingRelay {
    guard let relay = instances[side].relay else { throw TestMarket.MarketError.notStored }
    return relay
  }

  /// A participant whose money is with a side.
  func participant(_ number: Int, of side: Int) -> ParticipantID {
    ParticipantID(high: 1, low: UInt64(number + 1) << 12 | UInt64(side) << 11)
  }

  // MARK: Before the first step

  /// Opens two accounts for each of three participants of each side.
  func openAccounts() async throws -> ReferencePartitions {
    var sides: [ReferenceMoney] = []
    var transit: [AccountID] = []
    var wallets: [[[AccountID]]] = []
    for (side, instance) in instances.enumerated() {
      let peer = names[1 - side]
      let (own, account) = try await instance.context.transactor.write(.test()) { transaction in
        (
          try [AccountKind.escrow, .tax, .external, .inTransit].map {
            try ExchangeAccounts.find($0, .vnd, .live, transaction).id
          },
          try TransitAccounts.find(for: peer, .vnd, .live, transaction)
        )
      }
      var money = ReferenceMoney(
        .init(escrow: own[0], taxOffice: own[1], outside: own[2], hub: own[3]))
      for id in own { money.accounts[id] = ReferenceMoney.Account(cap: id == own[2] ? nil : 0) }
      money.accounts[account] = ReferenceMoney.Account(cap: nil)
      let opened = (0..<3).map { number in
        (1...2).map { AccountID(high: UInt64(side + 1), low: UInt64(number * 10 + $0)) }
      }
      for (number, ids) in opened.enumerated() {
        for id in ids {
          _ = try await instance.ledger.createAccounts(
            .init(accounts: [
              SettlementV1.Account(
                id: id, ownerID: participant(number, of: side), currencyCode: "VND",
                environment: .live, kind: .participant)
            ]), officer)
          money.accounts[id] = ReferenceMoney.Account(cap: 0)
        }
      }
      sides.append(money)
      transit.append(account)
      wallets.append(opened)
    }
    return ReferencePartitions(sides, transit: transit, wallets: wallets)
  }

  func deposit(
    _ amount: Int64, into account: AccountID, on side: Int, _ reference: ReferencePartitions
  ) async throws {
    let outcome = try await instances[side].ledger.submitTransfers(
      .init(transfers: [
        SettlementV1.Transfer(
          id: TransferID(high: 4, low: 1), kind: .post,
          debitAccountID: reference.sides[side].own.outside, creditAccountID: account,
          amount: amount, currencyCode: "VND")
      ]), officer
    ).results[0].outcome
    guard outcome == .ok else { throw TestMarket.MarketError.notStored }
  }
}
