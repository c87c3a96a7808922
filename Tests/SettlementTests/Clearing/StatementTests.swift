import Model
import RPC
import ServiceRuntime
import Stubs
import TestSupport
import Testing

struct StatementTests {
  @Test func statementGivesEachTransferAndBothBalances() async throws {
    let exchange = try await TestClearing()
    let a = try await exchange.member("A")
    let b = try await exchange.member("B")
    let c = try await exchange.member("C")
    _ = try await exchange.close()
    let window = try await exchange.owing(a, b, c)
    _ = try await exchange.confirm(try await exchange.start(window), a)
    let channel = try exchange.service.channel(as: a.caller)
    let client = ClearingServiceClient(channel)
    let inEnglish = CallOptions(metadata: Metadata([("accept-language", "en")]))
    let answer = try await client.getStatement(
      .init(accountID: a.accountID, windowID: window.id, format: .csv), inEnglish)
    #expect(answer.openingBalance == 1_000_000 && answer.closingBalance == 700_000)
    #expect(answer.transfers == 2)
    let lines = String(decoding: answer.content, as: UTF8.self).split(
      separator: "\r\n", omittingEmptySubsequences: false)
    #expect(lines.first == "Time,Transfer,Other account,Debit,Credit,Balance,Order,Clearing window")
    #expect(lines[1] == ",Opening balance,,,,1000000,,")
    #expect(lines[2].hasSuffix(",\(b.accountID),400000,,600000,,"))
    #expect(lines[3].hasSuffix(",\(b.accountID),,100000,700000,,"))
    #expect(lines[4] == ",Closing balance,,,,700000,," && lines[5].isEmpty)
    let whole = try await client.getStatement(
      .init(accountID: a.accountID, format: .text))
    #expect(whole.openingBalance == 0 && whole.closingBalance == 1_000_000)
    #expect(String(decoding: whole.content, as: UTF8.self).hasPrefix("SAO KÊ TÀI KHOẢN\n"))
    await expectRefusal("ACCOUNT_NOT_FOUND", .notFound) {
      try await client.getStatement(
        .init(accountID: b.accountID, format: .csv))
    }
    await channel.close()
    await exchange.shutdown()
  }
}
