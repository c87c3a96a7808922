import Model
import RPC
import Stubs
import TestSupport
import Testing

/// What the exchange pays by a window goes out only once witnesses have seen how the window ended.
struct WitnessedClearingTests {
  /// A window in which 200,000 and 100,000 are to be paid out, with all pay-ins there.
  private func withWindow(
    limit: Int64,
    _ body: (TestClearing, WitnessedLogStandIn, SettlementV1.Window, [TestClearing.Member])
      async throws -> Void
  ) async throws {
    let authority = try TestAuthority(lifetimeSeconds: 86_400)
    let log = try await WitnessedLogStandIn(authority, limit: limit)
    let exchange = try await TestClearing(authority: authority, settings: log.settings)
    let members = [
      try await exchange.member("A"), try await exchange.member("B"),
      try await exchange.member("C"),
    ]
    let window = try await exchange.start(
      try await exchange.owing(members[0], members[1], members[2]))
    // What comes in waits for nobody.
    _ = try await exchange.export(window, .pacs009, .payIn)
    _ = try await exchange.confirm(window, members[0])
    try await body(exchange, log, window, members)
    #expect(try await exchange.findings().isEmpty)
    await exchange.shutdown()
    await log.shutdown()
  }

  /// With less time than the refusal asks to wait, so that it is not tried again.
  private let hasty = CallOptions(timeout: .seconds(4))

  private func expectWait(
    _ window: SettlementV1.Window, _ body: () async throws -> some Sendable
  ) async {
    do {
      _ = try await body()
      Issue.record("money went out")
    } catch {
      let status = error as? RPCStatus
      #expect(status?.code == .unavailable && status?.details?.reason == "PAYOUT_NOT_WITNESSED")
      #expect(status?.details?.metadata["window_id"] == window.id.description)
    }
  }

  @Test func largePayoutOfAWindowIsSentOnceAQuorumHasSeenItsEnd() async throws {
    try await withWindow(limit: 199_999) { exchange, log, window, members in
      func export() async throws -> SettlementV1.ExportPaymentsResponse {
        try await exchange.clearing.exportPayments(
          .init(
            requestID: exchange.requestID(), windowID: window.id, format: .pain001,
            direction: .payOut), hasty)
      }
      func confirm(_ member: TestClearing.Member) async throws -> SettlementV1.ConfirmLegResponse {
        try await exchange.clearing.confirmLeg(
          .init(
            requestID: exchange.requestID(), windowID: window.id, participantID: member.id,
            bankReference: "FT-1"), hasty)
      }
      await expectWait(window) { try await export() }
      // Nor can it be said to be paid by hand; what does not exceed the limit can.
      await expectWait(window) { try await confirm(members[1]) }
      _ = try await confirm(members[2])
      try await log.take(closingOf: window.id, exchange.service.database)
      await expectWait(window) { try await export() }
      log.cosign(by: [log.witnesses[2]])
      await expectWait(window) { try await export() }
      log.cosign(by: [log.witnesses[0]])
      let file = try await export()
      #expect(file.payments == 1)
      // A bank was asked: nothing holds it up any more, not even a log that is away.
      await log.shutdown()
      let again = try await export()
      #expect(again.content == file.content)
      let last = try await confirm(members[1])
      #expect(last.window.state == .settled)
    }
  }

  @Test func payoutsThatDoNotExceedTheLimitWaitForNobody() async throws {
    try await withWindow(limit: 200_000) { exchange, log, window, _ in
      await log.shutdown()
      let file = try await exchange.export(window, .pain001, .payOut)
      #expect(file.payments == 2)
    }
  }
}
