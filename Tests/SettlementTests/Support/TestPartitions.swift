import GRDB
import Logging
import Model
import RPC
import ServiceRuntime
@testable import SettlementAPI
import SettlementDomain
import SettlementStore
import Stubs
import TestSupport

/// Two instances of settlement, each with half of the payers, that can be stopped and opened again.
final class TestPartitions {
  static let texts = [
    "p1:VND/live/000-7ff,VND/sandbox/000-7ff", "p2:VND/live/800-fff,VND/sandbox/800-fff",
  ]

  struct Instance {
    let service: TestService<SettlementService>
    let staff: RPCChannel
    let peer: RPCChannel
    var ledger: LedgerServiceClient { LedgerServiceClient(staff) }
    var crossings: CrossingServiceClient { CrossingServiceClient(staff) }

    func part<Part>(_ type: Part.Type = Part.self) throws -> Part {
      guard let part = service.parts.services.compactMap({ $0 as? Part }).first else {
        throw TestMarket.MarketError.noAccount
      }
      return part
    }
  }

  let time = ManualTime()
  let authority: TestAuthority
  let directory: DirectoryStandIn
  private let folders: [TemporaryDirectory]
  private(set) var instances: [Instance] = []

  init() async throws {
    authority = try TestAuthority()
    directory = try await DirectoryStandIn(authority)
    folders = [try TemporaryDirectory(), try TemporaryDirectory()]
    for index in 0..<2 { instances.append(try await open(index)) }
    try await route()
  }

  /// A participant whose money is in the instance with this index.
  func participant(of index: Int, _ number: UInt64 = 1) -> ParticipantID {
    ParticipantID(high: 1, low: number << 12 | UInt64(index) << 11)
  }

  private func open(_ index: Int) async throws -> Instance {
    var settings = directory.settings
    settings["partition"] = Self.texts[index]
    let service = try await TestService<SettlementService>(
      authority: authority, clock: time.clock, settings: settings, directory: folders[index])
    return Instance(
      service: service, staff: try service.channel(roles: [.clearingOfficer]),
      peer: try service.channel(asService: "settlement"))
  }

  private func route() async throws {
    directory.set(
      try instances.enumerated().map { index, instance in
        guard var partition = IdentityV1.Partition(Self.texts[index]) else {
          throw TestMarket.MarketError.notStored
        }
        partition.addresses = [instance.service.address.description]
        return partition
      })
    for instance in instances { try await instance.part(RoutingSource.self).refresh() }
  }

  /// Ends an instance and opens its database again, at another address.
  func restart(_ index: Int) async throws {
    await close(instances[index])
    instances[index] = try await open(index)
    try await route()
  }

  private func close(_ instance: Instance) async {
    await instance.staff.close()
    await instance.peer.close()
    if let relay = try? instance.part(CrossingRelay.self) { await relay.peers.close() }
    await instance.service.shutdown()
  }

  func shutdown() async {
    for instance in instances { await close(instance) }
    await directory.shutdown()
  }

  // MARK: Money

  func account(
    _ index: Int, _ owner: ParticipantID, deposit: Int64 = 0,
    _ environment: TypeV1.Environment = .live
  ) async throws -> AccountID {
    let ledger = instances[index].ledger
    let id = AccountID.make(at: time.now)
    let opened = try await ledger.createAccounts(
      SettlementV1.CreateAccountsRequest(accounts: [
        SettlementV1.Account(
          id: id, ownerID: owner, currencyCode: "VND", environment: environment, kind: .participant)
      ]))
    guard opened.results[0].created else { throw TestMarket.MarketError.noAccount }
    guard deposit > 0 else { return id }
    let own = try await ledger.listAccounts(SettlementV1.ListAccountsRequest(exchangeOwned: true))
    let external = own.accounts.first { $0.kind == .external && $0.environment == environment }
    let results = try await ledger.submitTransfers(
      SettlementV1.SubmitTransfersRequest(transfers: [
        SettlementV1.Transfer(
          id: .make(at: time.now), kind: .post, debitAccountID: external?.id, creditAccountID: id,
          amount: deposit, currencyCode: "VND")
      ])
    ).results
    guard results[0].outcome == .ok else { throw TestMarket.MarketError.notStored }
    return id
  }

  func start(
    from account: AccountID, to receiver: ParticipantID, _ amount: Int64, on index: Int = 0,
    into credit: AccountID? = nil
  ) async throws -> SettlementV1.Crossing {
    try await instances[index].crossings.startCrossing(
      SettlementV1.StartCrossingRequest(
        requestID: .make(at: time.now), debitAccountID: account, receiverID: receiver,
        creditAccountID: credit, amount: amount)
    ).crossing
  }

  /// The crossing as the instance where it began has it.
  func stored(_ id: TransferID, on index: Int = 0) async throws -> Crossing {
    let found = try await instances[index].service.database.read { try CrossingTable($0).find(id) }
    guard let found else { throw TestMarket.MarketError.notStored }
    return found
  }

  func advance(_ index: Int = 0) async throws -> Int {
    try await instances[index].part(CrossingRelay.self).advance()
  }

  func balance(_ index: Int, _ id: AccountID) async throws -> Int64 {
    let answer = try await instances[index].ledger.lookupAccounts(
      SettlementV1.LookupAccountsRequest(accountIDs: [id]))
    guard let account = answer.accounts.first else { throw TestMarket.MarketError.noAccount }
    return account.creditsPosted - account.debitsPosted
  }

  /// All money of both instances, with what is in transit on both sides, and of transit alone.
  func sums() async throws -> (all: Int64, transit: Int64) {
    var all: Int64 = 0
    var transit: Int64 = 0
    for instance in instances {
      let own = try await instance.service.database.read { db in
        try Row.fetchAll(
          db,
          sql: """
            SELECT kind, credits_posted - debits_posted AS balance
            FROM account JOIN balance ON account = number
            """
        ).map { (kind: $0["kind"] as Int32, balance: $0["balance"] as Int64) }
      }
      all += own.reduce(0) { $0 + $1.balance }
      transit += own.filter { $0.kind == AccountKind.inTransit.rawValue }
        .reduce(0) { $0 + $1.balance }
    }
    return (all, transit)
  }

  /// What VerifyLedger finds in either.
  func findings() async throws -> [String] {
    var findings: [String] = []
    for instance in instances {
      findings += try await instance.service.database.read {
        try LedgerHandler.verify($0).findings.map(\.text)
      }
    }
    return findings
  }
}
