import Model
import RPC
import ServiceRuntime
import SettlementDomain
import Stubs
import TestSupport
import Testing

struct SettlingTests {
  @Test func payInsComeBeforePayOutsAndEachChangesItsPosition() async throws {
    let exchange = try await TestClearing()
    let a = try await exchange.member("A")
    let b = try await exchange.member("B")
    let c = try await exchange.member("C")
    let window = try await exchange.owing(a, b, c)
    await expectRefusal("WINDOW_STATE_CONFLICT") { try await exchange.confirm(window, a) }
    let settling = try await exchange.start(window)
    #expect(settling.state == .settling && settling.blockedBy == "PAY_INS")
    #expect(settling.nextActor == .participant && settling.dueTime != nil)
    await expectRefusal("PAY_INS_MISSING") { try await exchange.confirm(window, b) }
    #expect(try await exchange.balance(a.accountID) == 700_000)
    let paid = try await exchange.confirm(window, a)
    #expect(paid.position.leg?.state == .final && paid.window.blockedBy == "PAY_OUTS")
    #expect(try await exchange.balance(a.accountID) == 1_000_000)
    await expectRefusal("LEG_FINAL") { try await exchange.confirm(window, a) }
    #expect(try await exchange.confirm(window, b).window.state == .settling)
    #expect(try await exchange.confirm(window, c).window.state == .settled)
    for member in [a, b, c] {
      #expect(try await exchange.balance(member.accountID) == 1_000_000)
    }
    #expect(try await exchange.balance(try await exchange.exchangeAccount(.inTransit)) == 0)
    let next = try await exchange.close()
    #expect(try await exchange.positions(next).isEmpty)
    #expect(try await exchange.findings().isEmpty)
    await exchange.shutdown()
  }

  @Test func missingPayInAbortsAndWhatWasPaidIsKept() async throws {
    let exchange = try await TestClearing()
    let a = try await exchange.member("A")
    let b = try await exchange.member("B")
    let c = try await exchange.member("C")
    try await exchange.move(10, from: a.accountID, to: c.accountID)
    try await exchange.move(20, from: b.accountID, to: c.accountID)
    let window = try await exchange.start(try await exchange.close())
    _ = try await exchange.confirm(window, a)
    exchange.time.advance(seconds: 60)
    let aborted = try await exchange.get(window)
    #expect(aborted.state == .aborted && aborted.abortReason == "PAY_IN_MISSING")
    #expect(aborted.blockedBy == "REOPEN" && aborted.nextActor == .clearingOfficer)
    await expectRefusal("WINDOW_STATE_CONFLICT") { try await exchange.confirm(window, c) }
    let closed = try await exchange.clearing.reopenWindow(
      .init(requestID: exchange.requestID(), windowID: window.id)
    ).window
    #expect(closed.state == .closed && closed.snapshotSHA256 == window.snapshotSHA256)
    let again = try await exchange.start(closed)
    #expect(again.attempt == 2)
    await expectRefusal("LEG_FINAL") { try await exchange.confirm(window, a) }
    _ = try await exchange.confirm(window, b)
    #expect(try await exchange.confirm(window, c).window.state == .settled)
    #expect(try await exchange.balance(a.accountID) == 1_000_000)
    #expect(try await exchange.balance(c.accountID) == 1_000_000)
    #expect(try await exchange.findings().isEmpty)
    await exchange.shutdown()
  }

  @Test func abortIsRefusedOnceMoneyHasLeft() async throws {
    let exchange = try await TestClearing()
    let a = try await exchange.member("A")
    let b = try await exchange.member("B")
    let c = try await exchange.member("C")
    let window = try await exchange.start(try await exchange.owing(a, b, c))
    func abort() async throws -> SettlementV1.Window {
      try await exchange.clearing.abortWindow(
        .init(requestID: exchange.requestID(), windowID: window.id, reason: "bank is closed")
      ).window
    }
    #expect(try await abort().abortReason == "bank is closed")
    await expectRefusal("WINDOW_STATE_CONFLICT") { try await abort() }
    #expect(try await exchange.confirm(window, a).window.state == .aborted)
    let reopened = try await exchange.clearing.reopenWindow(
      .init(requestID: exchange.requestID(), windowID: window.id)
    ).window
    #expect(try await exchange.start(reopened).blockedBy == "PAY_OUTS")
    _ = try await exchange.confirm(window, b)
    await expectRefusal("PAY_OUTS_SENT") { try await abort() }
    await exchange.shutdown()
  }

  @Test func windowWhoseLastPaymentCameAfterAnAbortSettlesWhenItStartsAgain() async throws {
    let exchange = try await TestClearing()
    let member = try await exchange.member("A")
    let stranger = try exchange.authority.caller([.provider])
    let gross = try await exchange.account(of: stranger)
    try await exchange.move(500, from: member.accountID, to: gross)
    let window = try await exchange.start(try await exchange.close())
    exchange.time.advance(seconds: 60)
    #expect(try await exchange.confirm(window, member).window.state == .aborted)
    let reopened = try await exchange.clearing.reopenWindow(
      .init(requestID: exchange.requestID(), windowID: window.id)
    ).window
    #expect(try await exchange.start(reopened).state == .settled)
    let settled = try await exchange.get(window)
    #expect(settled.state == .settled && settled.blockedBy.isEmpty)
    await exchange.shutdown()
  }

  @Test func whatIsToBePaidOutCannotBeSpent() async throws {
    let exchange = try await TestClearing()
    let a = try await exchange.member("A")
    let b = try await exchange.member("B", funded: 0)
    try await exchange.move(500, from: a.accountID, to: b.accountID)
    let window = try await exchange.close()
    await #expect(throws: TestMarket.MarketError.self) {
      try await exchange.move(1, from: b.accountID, to: a.accountID)
    }
    _ = try await exchange.start(window)
    _ = try await exchange.confirm(window, a)
    #expect(try await exchange.confirm(window, b).window.state == .settled)
    #expect(try await exchange.balance(b.accountID) == 0)
    await exchange.shutdown()
  }

  @Test func memberWithACapOwesWithinItUntilItPays() async throws {
    let exchange = try await TestClearing()
    let debtor = try await exchange.member("A", funded: 0, cap: 1_000)
    let creditor = try await exchange.member("B", funded: 0, cap: 1_000)
    try await exchange.move(1_000, from: debtor.accountID, to: creditor.accountID)
    await #expect(throws: TestMarket.MarketError.self) {
      try await exchange.move(1, from: debtor.accountID, to: creditor.accountID)
    }
    let window = try await exchange.start(try await exchange.close())
    #expect(try await exchange.balance(debtor.accountID) == -1_000)
    _ = try await exchange.confirm(window, debtor)
    #expect(try await exchange.balance(debtor.accountID) == 0)
    #expect(try await exchange.confirm(window, creditor).window.state == .settled)
    #expect(try await exchange.balance(creditor.accountID) == 0)
    #expect(try await exchange.findings().isEmpty)
    await exchange.shutdown()
  }

  @Test func onlyTheOfficerMovesWindows() async throws {
    let exchange = try await TestClearing()
    let member = try await exchange.member("A")
    let channel = try exchange.service.channel(as: member.caller)
    let client = ClearingServiceClient(channel)
    await #expect(throws: RPCStatus.self) {
      try await client.closeWindow(
        .init(
          requestID: exchange.requestID(), currencyCode: "VND", environment: .live, model: .net))
    }
    let own = try await client.listMembers(.init()).members
    #expect(own.map(\.participantID) == [member.id])
    await channel.close()
    await exchange.shutdown()
  }
}
