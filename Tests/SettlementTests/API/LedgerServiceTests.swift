import TestSupport
import SettlementDomain
import GRDB
import Model
import RPC
import ServiceRuntime
import Stubs
import Testing

struct LedgerServiceTests {
  private func account(
    _ market: TestMarket, owner: ParticipantID? = nil, kind: SettlementV1.AccountKind = .participant
  ) -> SettlementV1.Account {
    SettlementV1.Account(
      id: .make(at: market.time.now), ownerID: owner ?? market.consumer.participantID,
      currencyCode: "VND", environment: .live, kind: kind)
  }

  @Test func exchangeHasItsAccountsFromTheStart() async throws {
    let market = try await TestMarket()
    for environment in [TypeV1.Environment.live, .sandbox] {
      for kind in [SettlementV1.AccountKind.escrow, .fee, .tax, .external] {
        let account = try await market.exchangeAccount(kind, environment)
        #expect(account.overdraftAllowed == (kind == .external))
      }
    }
    await market.shutdown()
  }

  @Test func accountsAreOpenedItemByItem() async throws {
    let market = try await TestMarket()
    let mine = account(market)
    var changed = mine
    changed.environment = .sandbox
    let request = SettlementV1.CreateAccountsRequest(accounts: [
      mine, mine, account(market, owner: market.provider.participantID), changed,
    ])
    let results = try await market.ledger.createAccounts(request).results
    #expect(results.map(\.created) == [true, true, false, false])
    #expect(results.map(\.reason) == ["", "", "OWNER_NOT_CALLER", "ENVIRONMENT_MISMATCH"])
    changed.ownerID = market.provider.participantID
    changed.environment = .live
    let again = try await market.staff.createAccounts(
      SettlementV1.CreateAccountsRequest(accounts: [changed])
    ).results
    #expect(again[0].reason == "EXISTS_DIFFERENT" && again[0].field == "owner_id")
    var second = account(market, kind: .escrow)
    second.ownerID = nil
    let escrow = try await market.staff.createAccounts(
      SettlementV1.CreateAccountsRequest(accounts: [second])
    ).results
    #expect(escrow[0].reason == "EXCHANGE_HAS_ONE")
    await market.shutdown()
  }

  @Test func clearingOfficerTakesNothingOutOfEscrow() async throws {
    let market = try await TestMarket()
    let account = try await market.deposit(2_000_000)
    _ = try await market.fund(try await market.place(), from: account)
    let escrow = try await market.exchangeAccount(.escrow).id
    for kind in [SettlementV1.TransferKind.post, .hold] {
      let transfer = SettlementV1.Transfer(
        id: .make(at: market.time.now), kind: kind, debitAccountID: escrow,
        creditAccountID: account, amount: 1, currencyCode: "VND")
      await #expect(throws: RPCStatus.self) {
        try await market.staff.submitTransfers(
          SettlementV1.SubmitTransfersRequest(transfers: [transfer]))
      }
    }
    #expect(try await market.balance(escrow) == 2_000_000)
    await market.shutdown()
  }

  @Test func batchHasAResultForEachItem() async throws {
    let market = try await TestMarket()
    let account = try await market.deposit(1_000)
    let external = try await market.exchangeAccount(.external).id
    func transfer(_ amount: Int64, linked: Bool = false) -> SettlementV1.Transfer {
      SettlementV1.Transfer(
        id: .make(at: market.time.now), kind: .post, debitAccountID: account,
        creditAccountID: external, amount: amount, currencyCode: "VND", linked: linked)
    }
    let request = SettlementV1.SubmitTransfersRequest(transfers: [
      transfer(100), transfer(0), transfer(200, linked: true), transfer(5_000), transfer(300),
    ])
    let first = try await market.staff.submitTransfers(request)
    #expect(
      first.results.map(\.outcome)
        == [.ok, .shapeInvalid, .linkedFailed, .insufficientFunds, .ok])
    #expect(first.results[1].field == "amount")
    let again = try await market.staff.submitTransfers(request)
    #expect(
      again.results.map(\.outcome)
        == [.exists, .shapeInvalid, .linkedFailed, .insufficientFunds, .exists])
    #expect(try await market.balance(account) == 600)
    await market.shutdown()
  }

  @Test func largestBatchIsOneCommitAndOneMoreIsRefused() async throws {
    let market = try await TestMarket()
    let account = try await market.deposit(0)
    let external = try await market.exchangeAccount(.external).id
    let transfers = (0..<8_190).map { _ in
      SettlementV1.Transfer(
        id: .make(at: market.time.now), kind: .post, debitAccountID: external,
        creditAccountID: account, amount: 1, currencyCode: "VND")
    }
    let commits = market.service.database.statistics.commits
    let response = try await market.staff.submitTransfers(
      SettlementV1.SubmitTransfersRequest(transfers: transfers))
    #expect(response.results.allSatisfy { $0.outcome == .ok })
    #expect(market.service.database.statistics.commits == commits + 1)
    #expect(try await market.balance(account) == 8_190)
    await expectRefusal("INVALID_FIELD", .invalidArgument) {
      try await market.staff.submitTransfers(
        SettlementV1.SubmitTransfersRequest(transfers: transfers + transfers.prefix(1)))
    }
    await market.shutdown()
  }

  @Test func accountsAndTransfersOfOthersAreLeftOut() async throws {
    let market = try await TestMarket()
    let account = try await market.deposit(1_000)
    let channel = try market.service.channel(roles: [.consumer])
    let stranger = LedgerServiceClient(channel)
    let transfers = try await market.ledger.listTransfers(
      SettlementV1.ListTransfersRequest(accountID: account)
    ).transfers
    #expect(transfers.map(\.amount) == [1_000])
    let id = try #require(transfers[0].id)
    #expect(
      try await stranger.lookupAccounts(
        SettlementV1.LookupAccountsRequest(accountIDs: [account])
      ).accounts.isEmpty)
    #expect(
      try await stranger.lookupTransfers(SettlementV1.LookupTransfersRequest(transferIDs: [id]))
        .transfers.isEmpty)
    #expect(
      try await market.ledger.lookupTransfers(
        SettlementV1.LookupTransfersRequest(transferIDs: [TransferID(high: 1, low: 1), id])
      ).transfers == transfers)
    await expectRefusal("ACCOUNT_NOT_FOUND", .notFound) {
      try await stranger.listTransfers(SettlementV1.ListTransfersRequest(accountID: account))
    }
    await expectRefusal("NOT_OWNER", .permissionDenied) {
      try await stranger.listAccounts(
        SettlementV1.ListAccountsRequest(ownerID: market.consumer.participantID))
    }
    await expectRefusal("NOT_OWNER", .permissionDenied) {
      try await stranger.listAccounts(SettlementV1.ListAccountsRequest(exchangeOwned: true))
    }
    await channel.close()
    await market.shutdown()
  }

  @Test func listsGoOnWhereThePageEnded() async throws {
    let market = try await TestMarket()
    for _ in 0..<5 { _ = try await market.deposit(0) }
    var seen: [AccountID] = []
    var token = ""
    repeat {
      let page = try await market.ledger.listAccounts(
        SettlementV1.ListAccountsRequest(pageSize: 2, pageToken: token))
      #expect(page.accounts.count <= 2)
      seen += page.accounts.map(\.id)
      token = page.nextPageToken
    } while !token.isEmpty
    #expect(seen.count == 5 && Set(seen).count == 5)
    await market.shutdown()
  }

  @Test func alteredRowsAreNamed() async throws {
    let market = try await TestMarket()
    let account = try await market.deposit(1_000)
    #expect(try await market.findings().isEmpty)
    try await market.service.database.write { db in
      try db.execute(
        sql: """
          UPDATE balance SET credits_posted = 1001
          WHERE account = (SELECT number FROM account WHERE id = ?)
          """, arguments: [account])
    }
    let findings = try await market.findings()
    #expect(findings.contains { $0.accountID == account })
    #expect(findings.contains { $0.finding.contains("sum to 1 instead of 0") })
    try await market.service.database.write { db in
      try db.execute(
        sql: """
          UPDATE balance SET credits_posted = 1000
          WHERE account = (SELECT number FROM account WHERE id = ?)
          """, arguments: [account])
      try db.execute(
        sql: "DROP TRIGGER transfer_is_immutable; UPDATE transfer SET create_time = 5")
    }
    #expect(try await market.findings().contains { $0.table == "journal" })
    await market.shutdown()
  }

  @Test func moneyInEscrowThatNoOrderPaidIsNamed() async throws {
    let market = try await TestMarket()
    _ = try await market.fund(try await market.place(), from: try await market.deposit(2_000_000))
    #expect(try await market.findings().isEmpty)
    let escrow = try await market.exchangeAccount(.escrow).id
    _ = try await market.staff.submitTransfers(
      SettlementV1.SubmitTransfersRequest(transfers: [
        SettlementV1.Transfer(
          id: .make(at: market.time.now), kind: .post,
          debitAccountID: try await market.exchangeAccount(.external).id,
          creditAccountID: escrow, amount: 1, currencyCode: "VND")
      ]))
    let findings = try await market.findings()
    #expect(findings.map(\.accountID) == [escrow])
    await market.shutdown()
  }

  @Test func everyCommitWithTransfersIsALinkInTheAuditLog() async throws {
    let market = try await TestMarket()
    _ = try await market.deposit(1_000)
    _ = try await market.deposit(2_000)
    #expect(
      try await market.story(of: "ledger/journal") == ["ledger.committed", "ledger.committed"])
    await market.shutdown()
  }
}
