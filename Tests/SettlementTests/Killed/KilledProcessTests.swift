import Foundation
import Model
import RPC
import Stubs
import TestSupport
import Testing

/// The real service, killed with -9 at one write or fsync after the other: what was acknowledged is there, nothing is
/// half done, and the books are right. `NDX_LONG=1` dies at each.
@Suite(.serialized) struct KilledProcessTests {
  private static let isLong = ProcessInfo.processInfo.environment["NDX_LONG"] == "1"
  private static let first = AccountID(high: 1, low: 1)
  private static let second = AccountID(high: 1, low: 2)

  @Test(.timeLimit(.minutes(10)))
  func dyingAtAnyWriteOfTheRealServiceLosesNothingThatWasAcknowledged() async throws {
    let ledger = try await FaultyLedger()
    let service = ledger.service
    var story = Story(try await ledger.start())
    try await story.open()
    let given = ProcessInfo.processInfo.environment["NDX_SEED"].flatMap(UInt64.init)
    let seed = given ?? .random(in: .min ... .max)
    print("NDX_SEED=\(seed)")
    // Every one in the long mode; in the short one, a few, others in each run.
    let step = Self.isLong ? 1 : 20
    for count in stride(from: Int(seed % UInt64(step)), to: 60, by: step) {
      try service.arm(.death, after: count)
      try await story.tell(until: 200)
      let exit = try await service.process.untilExit()
      #expect(exit == -9, "\(service.process.log)")
      try service.disarm()
      story.ledger = try await ledger.start()
      try await story.check()
    }
    try await ledger.stop()
  }

  @Test(.timeLimit(.minutes(2)))
  func fullDiskIsToldAndLeavesNothingHalfWritten() async throws {
    let ledger = try await FaultyLedger()
    let service = ledger.service
    var story = Story(try await ledger.start())
    try await story.open()
    for count in [0, 3] {
      try service.arm(.diskFull, after: count)
      try await story.tell(until: 50)
      let refusal = try #require(story.refusal)
      #expect(refusal.code == .unavailable && refusal.details?.reason == "NOT_STORED")
      #expect(refusal.details?.localizedMessage?.isEmpty == false)
      // It still answers who only reads.
      _ = try await story.ledger.lookupAccounts(.init(accountIDs: [Self.first]))
      try service.disarm()
      try await story.check()
    }
    #expect(service.process.exitCode == nil)
    try await ledger.stop()
  }

  /// Batches of a payment, a hold and the capture of the hold before it.
  private struct Story {
    var ledger: LedgerServiceClient
    var refusal: RPCStatus?
    private var batches: [[SettlementV1.Transfer]] = []
    private var outside: AccountID?

    init(_ ledger: LedgerServiceClient) { self.ledger = ledger }

    mutating func open() async throws {
      outside = try await ledger.listAccounts(.init(exchangeOwned: true)).accounts
        .first { $0.kind == .external && $0.environment == .live }?.id
      let owner = ParticipantID(high: 2, low: 1)
      let results = try await ledger.createAccounts(
        .init(
          accounts: [first, second].map {
            SettlementV1.Account(
              id: $0, ownerID: owner, currencyCode: "VND", environment: .live, kind: .participant,
              history: true)
          })
      ).results
      #expect(results.map(\.created) == [true, true])
    }

    /// Submits batches until one has no answer.
    mutating func tell(until limit: Int) async throws {
      refusal = nil
      for _ in 0..<limit {
        batches.append(next)
        do {
          let results = try await ledger.submitTransfers(
            .init(transfers: batches[batches.count - 1]), CallOptions(timeout: .seconds(20))
          ).results
          #expect(results.allSatisfy { $0.outcome == .ok })
        } catch let status as RPCStatus {
          refusal = status
          return
        }
      }
      Issue.record("the fault did not come")
    }

    private var next: [SettlementV1.Transfer] {
      let number = UInt64(batches.count)
      func transfer(
        _ place: UInt64, _ kind: SettlementV1.TransferKind, _ debit: AccountID?,
        _ credit: AccountID?, hold: TransferID? = nil
      ) -> SettlementV1.Transfer {
        SettlementV1.Transfer(
          id: TransferID(high: 3, low: number * 3 + place + 1), kind: kind, debitAccountID: debit,
          creditAccountID: credit, amount: kind == .capture ? 0 : 10,
          currencyCode: kind == .capture ? "" : "VND", holdID: hold)
      }
      let before = number > 0 ? TransferID(high: 3, low: number * 3 - 1) : nil
      return [
        transfer(0, .post, outside, first), transfer(1, .hold, first, second),
        before.map { transfer(2, .capture, nil, nil, hold: $0) }
          ?? transfer(2, .post, outside, first),
      ]
    }

    /// All that was acknowledged is there; of the batch without an answer there is all or nothing, and it can be sent
    /// again; balances are what the batches come to.
    mutating func check() async throws {
      let ids = batches.flatMap { $0.compactMap(\.id) }
      var found = 0
      for start in stride(from: 0, to: ids.count, by: 100) {
        found += try await ledger.lookupTransfers(
          .init(transferIDs: Array(ids[start..<min(start + 100, ids.count)]))
        ).transfers.count
      }
      #expect(found == ids.count || found == ids.count - 3)
      let again = try await ledger.submitTransfers(
        .init(transfers: batches[batches.count - 1])
      ).results
      let expected: SettlementV1.TransferOutcome = found == ids.count ? .exists : .ok
      #expect(again.allSatisfy { $0.outcome == expected })
      let count = Int64(batches.count)
      let accounts = try await ledger.lookupAccounts(.init(accountIDs: [first, second])).accounts
      let credits = Dictionary(uniqueKeysWithValues: accounts.map { ($0.id, $0.creditsPosted) })
      #expect(credits == [first: count * 10 + 10, second: count * 10 - 10])
      #expect(accounts.map(\.debitsPending).reduce(0, +) == 10)
      for try await step in ledger.verifyLedger(.init()) { #expect(step.findings.isEmpty) }
    }
  }
}
