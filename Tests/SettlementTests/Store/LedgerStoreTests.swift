import Model
import ServiceRuntime
import SettlementDomain
import SettlementStore
import TestSupport
import Testing

struct LedgerStoreTests {
  private func transfer(
    _ number: UInt64, _ kind: SettlementV1.TransferKind, _ debit: AccountID?, _ credit: AccountID?,
    _ amount: Int64, hold: UInt64? = nil, timeout: Int32 = 0
  ) -> SettlementV1.Transfer {
    SettlementV1.Transfer(
      id: TransferID(high: 2, low: number), kind: kind, debitAccountID: debit,
      creditAccountID: credit, amount: amount, currencyCode: "VND",
      holdID: hold.map { TransferID(high: 2, low: $0) }, timeoutSeconds: timeout)
  }

  @Test func whatWasRecordedIsFoundAgain() async throws {
    let ledger = try TestLedger()
    let bank = try await ledger.open(1, external: true)
    let owner = try await ledger.open(2)
    let deposit = transfer(1, .post, bank, owner, 500)
    #expect(try await ledger.submit([deposit]).map(\.outcome) == [.ok])
    #expect(try await ledger.submit([deposit]).map(\.outcome) == [.exists])
    let entry = try await ledger.database.read {
      try TransferTable($0).entry(TransferID(high: 2, low: 1))
    }
    #expect(entry?.sequence == 1)
    #expect(entry?.transfer == (try TransferShape.check(deposit)))
    #expect(try await ledger.account(owner)?.balance == 500)
    #expect(try await ledger.findings().isEmpty)
  }

  @Test func refusalSurvivesAndNeverFlips() async throws {
    let ledger = try TestLedger()
    let bank = try await ledger.open(1, external: true)
    let owner = try await ledger.open(2)
    let payment = transfer(1, .post, owner, bank, 100)
    #expect(try await ledger.submit([payment]).map(\.outcome) == [.insufficientFunds])
    try await ledger.submit([transfer(2, .post, bank, owner, 1_000)])
    #expect(try await ledger.submit([payment]).map(\.outcome) == [.insufficientFunds])
    #expect(try await ledger.account(owner)?.balance == 1_000)
  }

  @Test func holdGivesTheMoneyBackByTimeAlone() async throws {
    let ledger = try TestLedger()
    let bank = try await ledger.open(1, external: true)
    let owner = try await ledger.open(2)
    try await ledger.submit([
      transfer(1, .post, bank, owner, 100), transfer(2, .hold, owner, bank, 80, timeout: 60),
    ])
    let expiry = TestLedger.now.adding(seconds: 60)
    #expect(try await ledger.account(owner)?.available == 20)
    #expect(try await ledger.account(owner, at: expiry.adding(microseconds: -1))?.available == 20)
    #expect(try await ledger.account(owner, at: expiry)?.available == 100)
    let late = [
      transfer(3, .capture, nil, nil, 0, hold: 2), transfer(4, .post, owner, bank, 100),
    ]
    #expect(try await ledger.submit(late, at: expiry).map(\.outcome) == [.holdExpired, .ok])
    #expect(try await ledger.findings().isEmpty)
  }

  @Test func holdIsCapturedInPartOnce() async throws {
    let ledger = try TestLedger()
    let bank = try await ledger.open(1, external: true)
    let owner = try await ledger.open(2)
    try await ledger.submit([
      transfer(1, .post, bank, owner, 100), transfer(2, .hold, owner, bank, 80),
    ])
    let first = try await ledger.submit([transfer(3, .capture, nil, nil, 30, hold: 2)])
    let second = try await ledger.submit([transfer(4, .release, nil, nil, 0, hold: 2)])
    #expect((first + second).map(\.outcome) == [.ok, .holdCaptured])
    #expect(try await ledger.account(owner)?.available == 70)
    #expect(try await ledger.findings().isEmpty)
  }

  @Test func holdMadeAndCapturedInOneBatchIsOneMovement() async throws {
    let ledger = try TestLedger()
    let bank = try await ledger.open(1, external: true)
    let owner = try await ledger.open(2)
    let results = try await ledger.submit([
      transfer(1, .post, bank, owner, 100), transfer(2, .hold, owner, bank, 60),
      transfer(3, .capture, nil, nil, 0, hold: 2), transfer(4, .capture, nil, nil, 0, hold: 2),
    ])
    #expect(results.map(\.outcome) == [.ok, .ok, .ok, .holdCaptured])
    #expect(try await ledger.account(owner)?.balance == 40)
    #expect(try await ledger.findings().isEmpty)
  }

  @Test func liveAndSandboxNeverMeet() async throws {
    let ledger = try TestLedger()
    let live = try await ledger.open(1, external: true)
    let sandbox = try await ledger.open(2, environment: .sandbox)
    let results = try await ledger.submit([transfer(1, .post, live, sandbox, 1)])
    #expect(results.map(\.outcome) == [.environmentMismatch])
  }

  @Test(arguments: [11, 12, 13] as [UInt64])
  func randomTrafficKeepsEveryInvariant(seed: UInt64) async throws {
    let ledger = try TestLedger()
    var random = SplitMix64(seed: seed)
    let bank = try await ledger.open(1, external: true)
    var accounts = [bank]
    for number in 2...6 { accounts.append(try await ledger.open(UInt64(number))) }
    var now = TestLedger.now
    for batch in 0..<40 {
      now = now.adding(seconds: Int64.random(in: 0...20, using: &random))
      let transfers = (0..<25).map { item -> SettlementV1.Transfer in
        let kind = TransferKind.allCases.randomElement(using: &random) ?? .post
        let number = UInt64(batch * 25 + item)
        let hold = UInt64.random(in: 0...number, using: &random)
        return SettlementV1.Transfer(
          id: TransferID(high: 3, low: number + 1),
          kind: SettlementV1.TransferKind(rawValue: kind.rawValue),
          debitAccountID: kind.resolvesHold ? nil : accounts.randomElement(using: &random),
          creditAccountID: kind.resolvesHold ? nil : accounts.randomElement(using: &random),
          amount: kind == .release ? 0 : Int64.random(in: 1...300, using: &random),
          currencyCode: "VND", holdID: kind.resolvesHold ? TransferID(high: 3, low: hold) : nil,
          timeoutSeconds: kind == .hold ? Int32.random(in: 0...30, using: &random) : 0,
          linked: Int.random(in: 0..<8, using: &random) == 0)
      }
      let first = try await ledger.submit(transfers, at: now)
      let again = try await ledger.submit(transfers, at: now)
      for (one, other) in zip(first, again) where one.outcome.isLastingRefusal {
        #expect(other == one || other.outcome == .linkedFailed, "seed \(seed)")
      }
    }
    #expect(try await ledger.findings().isEmpty, "seed \(seed)")
  }
}
