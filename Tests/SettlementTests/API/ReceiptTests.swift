import ServiceRuntime
import Crypto
import Model
import RPC
import SettlementDomain
import Stubs
import TestSupport
import Testing

struct ReceiptTests {
  typealias Spoiler = @Sendable (inout DeliveryV1.DeliveryStatement) -> Void

  static let spoilers: [(ReceiptRule, Spoiler)] = [
    (.orderMismatch, { $0.orderID = OrderID(high: 1, low: 1) }),
    (.agreementMismatch, { $0.agreementID = AgreementID(high: 1, low: 1) }),
    (.partyMismatch, { $0.providerID = ParticipantID(high: 1, low: 1) }),
    (.revisionMismatch, { $0.revisionID = RevisionID(high: 1, low: 1) }),
    (.sizeMismatch, { $0.sizeBytes -= 1 }),
    (.manifestMismatch, { $0.manifestSHA256 = TradeSamples.digest(1) }),
    (.timeImplausible, { $0.completeTime = .latest }),
    (.timeImplausible, { $0.completeTime = .earliest }),
  ]

  @Test func statementThatDoesNotFitTheOrderIsRefused() async throws {
    let market = try await TestMarket()
    let order = try await market.delivering(from: try await market.deposit(2_000_000))
    for (rule, spoil) in Self.spoilers {
      var statement = try market.statement(of: order)
      spoil(&statement)
      let receipt = try market.receipt(statement)
      await expectRefusal(rule.rawValue) { try await market.confirm(order, receipt) }
    }
    for (index, (earlier, spoilEarlier)) in Self.spoilers.enumerated() {
      for (_, spoilLater) in Self.spoilers[(index + 1)...] {
        var statement = try market.statement(of: order)
        spoilLater(&statement)
        spoilEarlier(&statement)
        let receipt = try market.receipt(statement)
        await expectRefusal(earlier.rawValue) { try await market.confirm(order, receipt) }
      }
    }
    #expect(try await market.get(order).state == .delivering)
    await market.shutdown()
  }

  @Test func signaturesOfOthersAreRefused() async throws {
    let market = try await TestMarket()
    let order = try await market.delivering(from: try await market.deposit(2_000_000))
    let statement = try market.statement(of: order)
    let stranger = try market.authority.caller([.provider])
    let foreign = try TestAuthority().caller(
      [.provider], participant: market.provider.participantID)
    await expectRefusal("RECEIPT_SIGNER_MISMATCH") {
      try await market.confirm(order, try market.receipt(statement, provider: stranger))
    }
    await expectRefusal("RECEIPT_CERTIFICATE_UNTRUSTED") {
      try await market.confirm(order, try market.receipt(statement, provider: foreign))
    }
    var tampered = try market.receipt(statement)
    tampered.consumer.signature[10] ^= 1
    await expectRefusal("RECEIPT_SIGNATURE_INVALID") { try await market.confirm(order, tampered) }
    var swapped = try market.receipt(statement)
    swap(&swapped.consumer, &swapped.provider)
    await expectRefusal("RECEIPT_SIGNER_MISMATCH") { try await market.confirm(order, swapped) }
    #expect(
      try await market.story(of: "order/\(order.id)").last
        == "order.confirm_delivery RECEIPT_SIGNER_MISMATCH")
    await market.shutdown()
  }

  @Test func malformedStatementNamesItsField() async throws {
    let market = try await TestMarket()
    let order = try await market.delivering(from: try await market.deposit(2_000_000))
    var receipt = try market.receipt(try market.statement(of: order))
    receipt.statement = Array(receipt.statement.prefix(30))
    do {
      _ = try await market.confirm(order, receipt)
      Issue.record("was not refused")
    } catch let status as RPCStatus {
      #expect(status.code == .invalidArgument)
      #expect(status.details?.violations.first?.field.hasPrefix("receipt.statement") == true)
    }
    await market.shutdown()
  }

  @Test func sameReceiptAgainIsAnsweredWithTheOrder() async throws {
    let market = try await TestMarket()
    let order = try await market.delivering(from: try await market.deposit(4_000_000))
    let receipt = try market.receipt(try market.statement(of: order))
    let first = try await market.confirm(order, receipt)
    let second = try await market.confirm(order, receipt)
    #expect(first == second && first.state == .delivered)
    let other = try market.receipt(try market.statement(of: order))
    await expectRefusal("ORDER_STATE_CONFLICT") { try await market.confirm(order, other) }
    await market.shutdown()
  }
}
