import Client
import Codec
import ConnectorAPI
import ConnectorDomain
import ConnectorStore
import Crypto
import GRDB
import Model
import RPC
import ServiceLifecycle
import ServiceRuntime
import Stubs
import TestSupport
import Testing

@Suite struct ReceiptTests {
  @Test func whatWasServedIsCountersignedAndConfirmed() async throws {
    let connector = try await ConnectorUnderTest()
    _ = try await connector.fetch("tinh.csv")
    let request = try connector.receiptRequest(connector.statement())
    let response = try await connector.client().signReceipt(request)
    #expect(!response.replayed)
    try DeliveryReceiptVerification.verify(
      response.receipt, provider: connector.provider.participantID,
      consumer: connector.consumer.participantID, trustDomain: connector.authority.trustDomain,
      anchors: [connector.authority.root.certificate])
    let confirmed = connector.exchange.current.confirmed
    #expect(confirmed.map(\.receipt) == [response.receipt])
    #expect(confirmed.map(\.orderID) == [connector.order])
    await connector.shutdown()
  }

  @Test func aRetryGetsTheSameReceiptAndIsConfirmedOnce() async throws {
    let connector = try await ConnectorUnderTest()
    _ = try await connector.fetch("tinh.csv")
    let statement = connector.statement()
    let client = try connector.client()
    var request = try connector.receiptRequest(statement)
    let first = try await client.signReceipt(request)
    // A retry signs afresh and brings another grant; the request's id stays.
    let requestID = request.requestID
    request = try connector.receiptRequest(statement)
    request.requestID = requestID
    let again = try await client.signReceipt(request)
    #expect(again.replayed)
    #expect(again.receipt == first.receipt)
    #expect(connector.exchange.current.confirmed.count == 1)
    await connector.shutdown()
  }

  @Test func nothingIsSignedThatWasNotServedWhole() async throws {
    let connector = try await ConnectorUnderTest(
      files: ["a": Array("abc".utf8), "b": Array("defgh".utf8), "empty": []])
    let client = try connector.client()
    let request = try connector.receiptRequest(connector.statement())
    func sign() async -> String { await refusal { try await client.signReceipt(request) } }
    #expect(await sign() == "FAILED_PRECONDITION CONTENT_NOT_SERVED")
    _ = try await connector.fetch("a")
    _ = try await connector.fetch("b", from: 2)
    #expect(await sign() == "FAILED_PRECONDITION CONTENT_NOT_SERVED")
    _ = try await connector.fetch("b")
    #expect(await sign() == "accepted")
    await connector.shutdown()
  }

  @Test(arguments: [
    "order_id", "agreement_id", "revision_id", "provider_id", "consumer_id", "size_bytes",
    "manifest_sha256", "complete_time",
  ])
  func aStatementThatDisagreesIsNotSigned(_ field: String) async throws {
    let connector = try await ConnectorUnderTest()
    _ = try await connector.fetch("tinh.csv")
    var statement = connector.statement()
    let now = connector.time.now
    switch field {
    case "order_id": statement.orderID = .make(at: now)
    case "agreement_id": statement.agreementID = .make(at: now)
    case "revision_id": statement.revisionID = .make(at: now)
    case "provider_id": statement.providerID = .make(at: now)
    case "consumer_id": statement.consumerID = .make(at: now)
    case "size_bytes": statement.sizeBytes += 1
    case "manifest_sha256": statement.manifestSHA256 = Digest.sha256(of: "other")
    default: statement.completeTime = now.adding(seconds: 61)
    }
    let request = try connector.receiptRequest(statement)
    do {
      _ = try await connector.client().signReceipt(request)
      Issue.record("signed")
    } catch let status as RPCStatus {
      #expect(status.details?.reason == "STATEMENT_MISMATCH")
      #expect(status.details?.metadata["field"] == field)
    }
    await connector.shutdown()
  }

  @Test func onlyTheConsumersSignatureCounts() async throws {
    let connector = try await ConnectorUnderTest()
    _ = try await connector.fetch("tinh.csv")
    let client = try connector.client()
    let statement = connector.statement()
    let other = try connector.receiptRequest(
      statement, signedBy: connector.authority.caller([.consumer]))
    #expect(
      await refusal { try await client.signReceipt(other) }
        == "PERMISSION_DENIED SIGNATURE_INVALID")
    let foreign = try connector.receiptRequest(
      statement,
      signedBy: TestAuthority().caller(
        [.consumer], participant: connector.consumer.participantID))
    #expect(
      await refusal { try await client.signReceipt(foreign) }
        == "PERMISSION_DENIED SIGNATURE_INVALID")
    var spoilt = try connector.receiptRequest(statement)
    spoilt.consumer.signature[5] ^= 1
    #expect(
      await refusal { try await client.signReceipt(spoilt) }
        == "PERMISSION_DENIED SIGNATURE_INVALID")
    await connector.shutdown()
  }

  @Test func anIDIsNotUsedForTwoStatements() async throws {
    let connector = try await ConnectorUnderTest()
    _ = try await connector.fetch("tinh.csv")
    let client = try connector.client()
    let first = try connector.receiptRequest(connector.statement())
    _ = try await client.signReceipt(first)
    var second = try connector.receiptRequest(connector.statement())
    second.requestID = first.requestID
    #expect(
      await refusal { try await client.signReceipt(second) } == "ALREADY_EXISTS RECEIPT_ID_REUSED")
    await connector.shutdown()
  }

  @Test func aReceiptOutlivesTheProcessUntilSettlementConfirmsIt() async throws {
    let connector = try await ConnectorUnderTest()
    _ = try await connector.fetch("tinh.csv")
    connector.exchange.update { $0.refusal = RPCStatus(code: .unavailable, message: "away") }
    let response = try await connector.client().signReceipt(
      try connector.receiptRequest(connector.statement()))
    #expect(connector.exchange.current.confirmed.isEmpty)
    await connector.shutdown()

    let again = try await ConnectorUnderTest(after: connector)
    again.exchange.update { $0.refusal = nil }
    try await again.runRelay(
      until: .confirmed, DeliveryV1.DeliveryStatement.decode(response.receipt.statement).receiptID)
    #expect(again.exchange.current.confirmed.map(\.receipt) == [response.receipt])
    await again.shutdown()
  }

  @Test func aFinalRefusalIsKeptAndNotRepeated() async throws {
    let connector = try await ConnectorUnderTest()
    _ = try await connector.fetch("tinh.csv")
    connector.exchange.update {
      $0.refusal = RPCStatus(
        code: .failedPrecondition, message: "no",
        details: ErrorDetails(reason: "ORDER_STATE_FORBIDS", domain: "ndx.settlement"))
    }
    let statement = connector.statement()
    _ = try await connector.client().signReceipt(try connector.receiptRequest(statement))
    let outcome = try await connector.context.database.read { db in
      try ReceiptTable(db).outcome(of: statement.receiptID)
    }
    #expect(outcome == .refused(reason: "ORDER_STATE_FORBIDS"))
    await connector.shutdown()
  }

  @Test func aStreamThatTheProcessDidNotSurviveCountsAsServed() async throws {
    let connector = try await ConnectorUnderTest()
    let grant = connector.grant()
    let file = connector.revision.manifest.files[0]
    // What a kill -9 in mid-stream leaves: a stream begun and booked, never ended.
    _ = try await connector.context.database.write { db in
      try ServedTable(db).begin(Allowance(grant), file, from: 0).id
    }
    await connector.shutdown()
    let again = try await ConnectorUnderTest(after: connector)
    var statement = again.statement()
    statement.agreementID = connector.agreement
    let served = try await again.context.database.read { db in
      try ServedTable(db).servedBytes(under: connector.agreement)
    }
    #expect(served == [file.path: file.sizeBytes])
    await again.shutdown()
  }
}

extension ConnectorUnderTest {
  /// Runs the background relay until the receipt has this outcome.
  func runRelay(until outcome: ReceiptTable.Outcome, _ id: ReceiptID) async throws {
    guard let relay = parts.services.last else { return }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await relay.run() }
      group.addTask {
        let signal = CommitSignal()
        self.context.database.add(signal)
        for await _ in signal.wakeups {
          let now = try await self.context.database.read { try ReceiptTable($0).outcome(of: id) }
          if now == outcome { return }
        }
      }
      _ = try await group.next()
      group.cancelAll()
    }
  }
}
