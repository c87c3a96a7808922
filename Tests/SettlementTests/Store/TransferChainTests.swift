import Model
import ServiceRuntime
import SettlementDomain
import SettlementStore
import TestSupport
import Testing

struct TransferChainTests {
  /// 5,000 transfers, one a second; two in three touch the second account.
  private func filled() async throws -> (TestLedger, AccountID) {
    let ledger = try TestLedger()
    let bank = try await ledger.open(1, external: true)
    let owner = try await ledger.open(2)
    let other = try await ledger.open(3)
    for second in 0..<50 {
      let batch = (0..<100).map { index -> SettlementV1.Transfer in
        let number = second * 100 + index
        return SettlementV1.Transfer(
          id: TransferID(high: 5, low: UInt64(number + 1)), kind: .post, debitAccountID: bank,
          creditAccountID: number % 3 == 2 ? other : owner, amount: 1, currencyCode: "VND")
      }
      try await ledger.submit(batch, at: TestLedger.now.adding(seconds: Int64(second)))
    }
    return (ledger, owner)
  }

  private func list(
    _ ledger: TestLedger, _ account: AccountID, from start: Int64? = nil, until end: Int64? = nil,
    pageSize: Int
  ) async throws -> [Int64] {
    var numbers: [Int64] = []
    while true {
      let after = numbers.last ?? 0
      let page = try await ledger.database.read { db in
        try TransferChain(db).list(
          account: account, from: start.map { TestLedger.now.adding(seconds: $0) },
          until: end.map { TestLedger.now.adding(seconds: $0) }, after: after, limit: pageSize)
      }
      if page.isEmpty { return numbers }
      numbers += page.map(\.sequence)
    }
  }

  @Test func longHistoryIsListedWholeAndInOrder() async throws {
    let (ledger, owner) = try await filled()
    let expected = (1...5_000).map { Int64($0) }.filter { $0 % 3 != 0 }
    for pageSize in [7, 500, 10_000] {
      let listed = try await list(ledger, owner, pageSize: pageSize)
      #expect(listed == expected)
    }
    let bank = try await list(ledger, AccountID(high: 1, low: 1), pageSize: 999)
    #expect(bank == (1...5_000).map { Int64($0) } as [Int64])
    #expect(try await ledger.findings().isEmpty)
  }

  @Test func timeRangeIsExactAtBothEnds() async throws {
    let (ledger, owner) = try await filled()
    let expected = (2_001...3_100).map { Int64($0) }.filter { $0 % 3 != 0 }
    let inside = try await list(ledger, owner, from: 20, until: 31, pageSize: 100)
    #expect(inside == expected)
    let before = try await list(ledger, owner, until: 0, pageSize: 100)
    let after = try await list(ledger, owner, from: 50, pageSize: 100)
    #expect(before.isEmpty && after.isEmpty)
  }

  @Test func clockThatWasSetBackDoesNotDisturbTheOrder() async throws {
    let ledger = try TestLedger()
    let bank = try await ledger.open(1, external: true)
    let owner = try await ledger.open(2)
    for (number, second) in [(1, 100), (2, 0), (3, 200)] as [(UInt64, Int64)] {
      try await ledger.submit(
        [
          SettlementV1.Transfer(
            id: TransferID(high: 5, low: number), kind: .post, debitAccountID: bank,
            creditAccountID: owner, amount: 1, currencyCode: "VND")
        ], at: TestLedger.now.adding(seconds: second))
    }
    let listed = try await list(ledger, owner, from: 100, until: 101, pageSize: 10)
    #expect(listed == [1, 2])
  }
}
