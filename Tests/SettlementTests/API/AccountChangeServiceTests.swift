import Model
import RPC
import SettlementDomain
import Stubs
import TestSupport
import Testing

struct AccountChangeServiceTests {
  private func pay(
    _ market: TestMarket, _ debit: AccountID, _ credit: AccountID, _ amount: Int64,
    kind: SettlementV1.TransferKind = .post, timeout: Int32 = 0
  ) async throws -> SettlementV1.TransferOutcome? {
    try await market.staff.submitTransfers(
      .init(transfers: [
        SettlementV1.Transfer(
          id: .make(at: market.time.now), kind: kind, debitAccountID: debit,
          creditAccountID: credit, amount: amount, currencyCode: "VND", timeoutSeconds: timeout)
      ])
    ).results.first?.outcome
  }

  private func open(
    _ market: TestMarket, cap: Int64 = 0, history: Bool = false
  ) async throws -> AccountID {
    let id = AccountID.make(at: market.time.now)
    let result = try await market.staff.createAccounts(
      .init(accounts: [
        SettlementV1.Account(
          id: id, ownerID: market.consumer.participantID, currencyCode: "VND", environment: .live,
          kind: .participant, overdraftAllowed: cap > 0, netDebitCap: cap, history: history)
      ])
    ).results.first
    #expect(result?.created == true, "\(result?.reason ?? "")")
    return id
  }

  @Test func frozenAccountMovesNothingUntilItIsUnfrozen() async throws {
    let market = try await TestMarket()
    let account = try await market.deposit(1_000)
    let external = try await market.exchangeAccount(.external).id
    let freeze = SettlementV1.FreezeAccountRequest(
      requestID: market.requestID(), accountID: account, reason: "court order")
    #expect(try await market.staff.freezeAccount(freeze).account.state == .frozen)
    #expect(try await market.staff.freezeAccount(freeze).replayed)
    #expect(try await pay(market, account, external, 1) == .accountFrozen)
    #expect(try await pay(market, external, account, 1) == .accountFrozen)
    await expectRefusal("ACCOUNT_STATE_CONFLICT") {
      try await market.staff.freezeAccount(
        .init(requestID: market.requestID(), accountID: account, reason: "again"))
    }
    _ = try await market.staff.unfreezeAccount(
      .init(requestID: market.requestID(), accountID: account, reason: "lifted"))
    #expect(try await pay(market, account, external, 1) == .ok)
    #expect(
      try await market.story(of: "account/\(account)") == [
        "account.opened", "account.frozen", "ledger.freeze_account ACCOUNT_STATE_CONFLICT",
        "account.unfrozen",
      ])
    await market.shutdown()
  }

  @Test func onlyTheOfficerChangesAccounts() async throws {
    let market = try await TestMarket()
    let account = try await market.deposit(0)
    await expectRefusal("ROLE_REQUIRED", .permissionDenied) {
      try await market.ledger.closeAccount(
        .init(requestID: market.requestID(), accountID: account, reason: "mine"))
    }
    await expectRefusal("ACCOUNT_NOT_FOUND", .notFound) {
      try await market.staff.freezeAccount(
        .init(
          requestID: market.requestID(), accountID: AccountID(high: 1, low: 7), reason: "none"))
    }
    await market.shutdown()
  }

  @Test func accountIsClosedOnceItIsEmpty() async throws {
    let market = try await TestMarket()
    let account = try await market.deposit(500)
    let external = try await market.exchangeAccount(.external).id
    func close() async throws -> SettlementV1.Account {
      try await market.staff.closeAccount(
        .init(requestID: market.requestID(), accountID: account, reason: "left")
      ).account
    }
    await expectRefusal("ACCOUNT_NOT_EMPTY") { try await close() }
    #expect(try await pay(market, account, external, 500) == .ok)
    #expect(try await pay(market, external, account, 5, kind: .hold, timeout: 30) == .ok)
    await expectRefusal("ACCOUNT_HAS_HOLDS") { try await close() }
    market.time.advance(seconds: 30)
    #expect(try await close().state == .closed)
    #expect(try await pay(market, external, account, 1) == .accountClosed)
    await expectRefusal("ACCOUNT_STATE_CONFLICT") { try await close() }
    #expect(try await market.findings().isEmpty)
    await market.shutdown()
  }

  @Test func accountThatAnOrderMayPayBackToStaysOpen() async throws {
    let market = try await TestMarket()
    let account = try await market.deposit(2_000_000)
    let order = try await market.fund(try await market.place(), from: account)
    func close() async throws -> SettlementV1.AccountState {
      try await market.staff.closeAccount(
        .init(requestID: market.requestID(), accountID: account, reason: "left")
      ).account.state
    }
    await expectRefusal("ACCOUNT_AWAITED") { try await close() }
    _ = try await market.deliveries.cancelOrder(
      .init(requestID: market.requestID(), orderID: order.id, reason: "sold out"))
    await expectRefusal("ACCOUNT_NOT_EMPTY") { try await close() }
    await market.shutdown()
  }

  @Test func participantThatSettlesNetOwesUpToItsCap() async throws {
    let market = try await TestMarket()
    let account = try await open(market, cap: 300)
    let external = try await market.exchangeAccount(.external).id
    #expect(try await pay(market, account, external, 200) == .ok)
    #expect(try await pay(market, account, external, 101) == .netDebitCapExceeded)
    func cap(_ amount: Int64) async throws -> Int64 {
      try await market.staff.setNetDebitCap(
        .init(
          requestID: market.requestID(), accountID: account, reason: "review",
          netDebitCap: amount)
      ).account.netDebitCap
    }
    await expectRefusal("NET_DEBIT_CAP_TOO_LOW") { try await cap(199) }
    #expect(try await cap(301) == 301)
    #expect(try await pay(market, account, external, 101) == .ok)
    #expect(try await pay(market, account, external, 1) == .netDebitCapExceeded)
    #expect(try await market.findings().isEmpty)
    await market.shutdown()
  }

  @Test func historyTellsTheCountersAfterEachChange() async throws {
    let market = try await TestMarket()
    let account = try await open(market, history: true)
    let external = try await market.exchangeAccount(.external).id
    let start = market.time.now
    #expect(try await pay(market, external, account, 1_000) == .ok)
    market.time.advance(seconds: 1)
    #expect(try await pay(market, account, external, 400, kind: .hold, timeout: 10) == .ok)
    market.time.advance(seconds: 20)
    var changes: [SettlementV1.BalanceChange] = []
    var token = ""
    repeat {
      let page = try await market.ledger.getBalanceHistory(
        .init(pageSize: 2, pageToken: token, accountID: account))
      changes += page.changes
      token = page.nextPageToken
    } while !token.isEmpty
    #expect(changes.map(\.creditsPosted) == [1_000, 1_000, 1_000])
    #expect(changes.map(\.debitsPending) == [0, 400, 0])
    #expect(changes[1].transferID == changes[2].transferID)
    #expect(changes[2].createTime == start.adding(seconds: 11))
    let early = try await market.ledger.getBalanceHistory(
      .init(accountID: account, endTime: start.adding(seconds: 1)))
    #expect(early.changes == Array(changes.prefix(1)))
    await market.shutdown()
  }

  @Test func historyIsShownToItsOwnerAndOnlyWhereItIsKept() async throws {
    let market = try await TestMarket()
    let plain = try await market.deposit(10)
    await expectRefusal("HISTORY_NOT_KEPT") {
      try await market.ledger.getBalanceHistory(.init(accountID: plain))
    }
    let kept = try await open(market, history: true)
    let channel = try market.service.channel(roles: [.consumer])
    await expectRefusal("ACCOUNT_NOT_FOUND", .notFound) {
      try await LedgerServiceClient(channel).getBalanceHistory(.init(accountID: kept))
    }
    await channel.close()
    await market.shutdown()
  }
}
