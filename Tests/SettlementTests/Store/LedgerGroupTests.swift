import GRDB
import Model
import ServiceRuntime
import SettlementDomain
import SettlementStore
import Testing

/// Requests that share a commit: what they record stays in memory until it.
struct LedgerGroupTests {
  private struct Sabotage: Error {}

  private func transfer(
    _ number: UInt64, _ kind: SettlementV1.TransferKind, _ debit: AccountID?, _ credit: AccountID?,
    _ amount: Int64, hold: UInt64? = nil, timeout: Int32 = 0
  ) -> SettlementV1.Transfer {
    SettlementV1.Transfer(
      id: TransferID(high: 2, low: number), kind: kind, debitAccountID: debit,
      creditAccountID: credit, amount: amount, currencyCode: "VND",
      holdID: hold.map { TransferID(high: 2, low: $0) }, timeoutSeconds: timeout)
  }

  @Test func laterRequestsSeeWhatEarlierOnesRecorded() async throws {
    let ledger = try TestLedger()
    let bank = try await ledger.open(1, external: true)
    let owner = try await ledger.open(2)
    let deposit = transfer(9, .post, bank, owner, 100)
    let hold = transfer(3, .hold, owner, bank, 60)
    let capture = transfer(4, .capture, nil, nil, 50, hold: 3)
    let outcomes = try await ledger.together([
      { try await $0.decide([deposit]) }, { try await $0.decide([deposit, hold]) },
      // This one writes by itself, so those before it are written first.
      { try await $0.submit([capture]) },
      { [self] in try await $0.decide([capture, transfer(5, .post, owner, bank, 51)]) },
      { [self] in try await $0.decide([transfer(5, .post, owner, bank, 51), deposit]) },
    ])
    #expect(
      outcomes == [
        [.ok], [.exists, .ok], [.ok], [.exists, .insufficientFunds], [.insufficientFunds, .exists],
      ])
    #expect(try await ledger.account(owner)?.available == 50)
    #expect(try await ledger.findings().isEmpty)
  }

  @Test func aRequestThatFailsTakesNothingElseWithIt() async throws {
    let ledger = try TestLedger()
    let bank = try await ledger.open(1, external: true)
    let owner = try await ledger.open(2)
    let other = try await ledger.open(3)
    let outcomes = try await ledger.together([
      { [self] in
        try await $0.decide([
          transfer(1, .post, bank, owner, 100), transfer(2, .hold, owner, bank, 30),
        ])
      },
      { [self] in
        let batch = [
          transfer(3, .post, bank, other, 7), transfer(4, .capture, nil, nil, 0, hold: 2),
          transfer(5, .post, owner, bank, 1_000), transfer(6, .hold, owner, bank, 70),
        ]
        return try await $0.decide(batch) { throw Sabotage() }
      },
      { [self] in
        try await $0.decide([
          transfer(5, .post, owner, bank, 70), transfer(4, .release, nil, nil, 0, hold: 2),
        ])
      },
    ])
    #expect(outcomes == [[.ok, .ok], nil, [.ok, .ok]])
    #expect(try await ledger.account(owner)?.available == 30)
    #expect(try await ledger.account(other)?.counters == Counters())
    #expect(try await ledger.findings().isEmpty)
  }

  @Test func holdThatExpiresBetweenRequestsOfOneCommitIsReturned() async throws {
    let ledger = try TestLedger()
    let bank = try await ledger.open(1, external: true)
    let owner = try await ledger.open(2)
    try await ledger.submit([transfer(1, .post, bank, owner, 100)])
    let expiry = TestLedger.now.adding(seconds: 60)
    let outcomes = try await ledger.together([
      { [self] in try await $0.decide([transfer(2, .hold, owner, bank, 80, timeout: 60)]) },
      { [self] in
        try await $0.decide(
          [transfer(3, .post, owner, bank, 21)], at: expiry.adding(microseconds: -1))
      },
      { [self] in try await $0.decide([transfer(4, .post, owner, bank, 100)], at: expiry) },
      { [self] in
        try await $0.decide([transfer(5, .capture, nil, nil, 0, hold: 2)], at: expiry)
      },
    ])
    #expect(outcomes == [[.ok], [.insufficientFunds], [.ok], [.holdExpired]])
    #expect(try await ledger.account(owner)?.available == 0)
    #expect(try await ledger.findings().isEmpty)
  }

  @Test func manyPendingTransfersAreWrittenBeforeTheCommit() async throws {
    let ledger = try TestLedger()
    let bank = try await ledger.open(1, external: true)
    let owner = try await ledger.open(2)
    let batches = (0..<6).map { index in
      (0..<8_000).map { transfer(UInt64(1 + index * 8_000 + $0), .post, bank, owner, 1) }
    }
    let again = [batches[0][0], batches[5][7_999]]
    let outcomes = try await ledger.together(
      batches.map { batch in { try await $0.decide(batch) } } + [{ try await $0.decide(again) }])
    #expect(outcomes.dropLast().allSatisfy { $0?.allSatisfy { $0 == .ok } == true })
    #expect(outcomes.last == [.exists, .exists])
    #expect(try await ledger.account(owner)?.balance == 48_000)
    #expect(try await ledger.findings().isEmpty)
  }

  @Test func transfersOfAnAccountThatVanishedAreNotStored() async throws {
    let ledger = try TestLedger()
    let bank = try await ledger.open(1, external: true)
    let owner = try await ledger.open(2)
    try await ledger.submit([transfer(1, .post, bank, owner, 100)])
    let other = try await ledger.open(3)
    try await ledger.submit([transfer(2, .post, bank, owner, 1)])
    let outcomes = try await ledger.together([
      { [self] in try await $0.decide([transfer(3, .post, bank, other, 5)]) },
      {
        try await $0.database.write { db in
          try db.execute(sql: "DROP TRIGGER balance_stays")
          try db.execute(
            sql: "DELETE FROM balance WHERE account = (SELECT number FROM account WHERE id = ?)",
            arguments: [other])
          return []
        }
      },
    ])
    #expect(outcomes == [nil, nil])
    #expect(try await ledger.account(other)?.counters == Counters())
    #expect(try await ledger.findings().isEmpty)
  }
}
