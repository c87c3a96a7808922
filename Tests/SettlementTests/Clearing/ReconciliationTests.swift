import Model
import RPC
import ServiceRuntime
import SettlementDomain
import Stubs
import TestSupport
import Testing

struct ReconciliationTests {
  private func reference(
    _ exchange: TestClearing, _ window: SettlementV1.Window, _ member: TestClearing.Member
  ) async throws -> String {
    let positions = try await exchange.positions(window)
    return try #require(positions.first { $0.accountID == member.accountID }?.leg).endToEndID
  }

  @Test func statementsSettleAWindowAndReadingThemAgainChangesNothing() async throws {
    let exchange = try await TestClearing()
    let a = try await exchange.member("A")
    let b = try await exchange.member("B")
    let c = try await exchange.member("C")
    let window = try await exchange.start(try await exchange.owing(a, b, c))
    let payIn = try await reference(exchange, window, a)
    let first = try await reference(exchange, window, b)
    let second = try await reference(exchange, window, c)
    let incoming = BankReports.statement(
      "ST-1", [.init(endToEndID: payIn, amount: "300000", reference: "FT1")])
    let read = try await exchange.importReport(incoming)
    #expect(read.matched == 1 && read.unmatched == 0 && !read.known)
    let again = try await exchange.importReport(incoming)
    #expect(again.known && again.matched == 0 && again.skipped == 1)
    let outgoing = BankReports.notification(
      "NT-1",
      [
        .init(endToEndID: first, amount: "200000", isCredit: false, reference: "FT2"),
        .init(endToEndID: second, amount: "100000", isCredit: false, reference: "FT3"),
      ])
    #expect(try await exchange.importReport(outgoing).matched == 2)
    #expect(try await exchange.get(window).state == .settled)
    let told = BankReports.statement(
      "ST-2",
      [
        .init(endToEndID: first, amount: "200000", isCredit: false, reference: "FT2"),
        .init(endToEndID: second, amount: "100000", isCredit: false, reference: "FT9"),
      ])
    let repeated = try await exchange.importReport(told)
    #expect(repeated.matched == 0 && repeated.unmatched == 1)
    let unmatched = try await exchange.unmatched()
    #expect(unmatched.map(\.reason) == [.duplicate])
    #expect(try await exchange.balance(b.accountID) == 1_000_000)
    #expect(try await exchange.findings().isEmpty)
    await exchange.shutdown()
  }

  @Test func whatFitsNoPaymentIsKeptWithItsReason() async throws {
    let exchange = try await TestClearing()
    let a = try await exchange.member("A")
    let b = try await exchange.member("B")
    let window = try await exchange.start(
      try await exchange.owing(a, b, try await exchange.member("C")))
    let payIn = try await reference(exchange, window, a)
    let payOut = try await reference(exchange, window, b)
    let entries: [BankReports.Entry] = [
      .init(endToEndID: "NOTPROVIDED", amount: "5", reference: "R1"),
      .init(endToEndID: "NDXLunknown", amount: "5", reference: "R2"),
      .init(endToEndID: payIn, amount: "300000", currency: "JPY", reference: "R3"),
      .init(endToEndID: payIn, amount: "300000", isCredit: false, reference: "R4"),
      .init(endToEndID: payIn, amount: "300000", reference: "R5", status: "PDNG"),
      .init(endToEndID: payIn, amount: "299999", reference: "R6"),
      .init(endToEndID: payIn, amount: "300001", reference: "R7"),
      .init(endToEndID: payOut, amount: "200000", isCredit: false, reference: "R8"),
    ]
    let read = try await exchange.importReport(BankReports.statement("ST-1", entries))
    #expect(read.unmatched == 8 && read.matched == 0)
    let reasons = try await exchange.unmatched().map(\.reason)
    #expect(
      reasons == [
        .noReference, .referenceUnknown, .currencyMismatch, .directionMismatch, .notBooked,
        .partialAmount, .excessAmount, .notExpected,
      ])
    let pilot = try await exchange.importReport(
      BankReports.notification(
        "NT-1", [.init(endToEndID: payIn, amount: "300000", reference: "R9")]), .sandbox)
    #expect(pilot.unmatched == 1 && pilot.windows.isEmpty)
    let last = try await exchange.unmatched().last
    #expect(last?.reason == .environmentMismatch && last?.windowID == nil)
    #expect(try await exchange.get(window).blockedBy == "PAY_INS")
    await exchange.shutdown()
  }

  @Test func statementWhoseTotalsDisagreeIsRefusedWhole() async throws {
    let exchange = try await TestClearing()
    await expectRefusal("REPORT_TOTALS_MISMATCH", .invalidArgument) {
      try await exchange.importReport(
        BankReports.statement(
          "ST-1", [.init(endToEndID: "X", amount: "5", reference: "R1")], closing: 7))
    }
    #expect(try await exchange.unmatched().isEmpty)
    await exchange.shutdown()
  }

  @Test func rejectedPaymentIsSentAgainInANewFile() async throws {
    let exchange = try await TestClearing()
    let a = try await exchange.member("A")
    let b = try await exchange.member("B")
    let c = try await exchange.member("C")
    let window = try await exchange.start(try await exchange.owing(a, b, c))
    await expectRefusal("PAY_INS_MISSING") {
      try await exchange.export(window, .pain001, .payOut)
    }
    await expectRefusal("DIRECTION_NOT_OF_FORMAT") {
      try await exchange.export(window, .pain001, .payIn)
    }
    _ = try await exchange.confirm(window, a)
    let file = try await exchange.export(window, .pain001, .payOut)
    exchange.time.advance(seconds: 10)
    #expect(try await exchange.export(window, .pain001, .payOut).content == file.content)
    await expectRefusal("NOTHING_TO_SEND") {
      try await exchange.export(window, .pacs009, .payOut)
    }
    let reference = try await reference(exchange, window, b)
    let read = try await exchange.importReport(
      BankReports.rejection("SR-1", of: file.messageID, reference))
    #expect(read.rejected == 1)
    let leg = try await exchange.positions(window).first { $0.accountID == b.accountID }?.leg
    #expect(leg?.state == .pending && leg?.lastReason == "RJCT AC04 closed")
    let next = try await exchange.export(window, .pain001, .payOut)
    #expect(next.payments == 1 && next.messageID != file.messageID)
    #expect(String(decoding: next.content, as: UTF8.self).contains(reference))
    let whole = try await exchange.importReport(
      BankReports.rejection("SR-2", of: next.messageID, nil))
    #expect(whole.rejected == 1)
    await exchange.shutdown()
  }
}
