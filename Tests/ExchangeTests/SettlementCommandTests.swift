import Client
import Crypto
import Foundation
import Model
import RPC
import Stubs
import TestSupport
import Testing

/// What settlement lets people do, done as they do it: by `ndx`, on a real exchange.
@Suite(.serialized) struct SettlementCommandTests {
  private static let bank = [
    "NDX_SETTLEMENT_CLEARING_NAME": "San du lieu", "NDX_SETTLEMENT_CLEARING_BIC": "VBAAVNVX",
    "NDX_SETTLEMENT_CLEARING_ACCOUNT": "GB82WEST12345698765432",
  ]

  @Test(.timeLimit(.minutes(3)))
  func disputesAndAgreementsAreRunByCommand() async throws {
    let market = try await Market.open()
    let ndx = Tool(market.exchange.ndx)
    let id = market.order.id.description
    try await ndx("order", "fund", id, "--account", market.account.description, as: "company")
    let folder = "\(market.exchange.directory)/delivered"
    try await ndx("fetch", id, "--to", folder, as: "company")
    try await untilReachable {
      let state = try await market.company.orders.getOrder(.init(orderID: market.order.id)).order
      guard state.state == .delivered else {
        throw RPCStatus(code: .unavailable, message: "the receipt is on its way")
      }
    }
    try await suspension(of: id, ndx)
    let renewal = ["order", "cancel-renewal", id, "--reason", "enough"]
    #expect(try await ndx.exitCode(renewal, as: "company") == 1, "nothing renews here")
    let proof = "\(market.exchange.directory)/proof.txt"
    try "34 rows of 63".write(toFile: proof, atomically: true, encoding: .utf8)
    let raised = try await ndx(
      SettlementV1.Order.self, "order", "dispute", id, "--reason", "incomplete", "--text",
      "rows are missing", "--evidence", proof, as: "company")
    #expect(raised.state == .disputed)
    #expect(raised.dispute?.objection?.evidenceSHA256 == [Digest.sha256(of: "34 rows of 63")])
    let answered = try await ndx(
      SettlementV1.Order.self, "order", "respond", id, "--text", "half are", as: "ministry")
    #expect(answered.dispute?.answer?.text == "half are")
    let replied = try await ndx(
      SettlementV1.Order.self, "order", "respond", id, "--text", "too few", as: "company")
    #expect(replied.dispute?.reply?.text == "too few")
    let resolution = [
      "order", "resolve", id, "--outcome", "partial-refund", "--explanation", "half are missing",
    ]
    #expect(try await ndx.exitCode(resolution, as: "arbiter") == 2, "a part without a sum")
    let resolved = try await ndx(
      SettlementV1.Order.self, resolution + ["--refund", "500000 VND"], as: "arbiter")
    #expect(resolved.state == .partiallyRefunded)
    #expect(resolved.dispute?.refund?.minorUnits == 500_000)
    #expect(
      try await ndx("order", "get", id, as: "company").contains("half are missing"))
    try await watching(id, market, ndx)
    await market.close()
  }

  private func suspension(of id: String, _ ndx: Tool) async throws {
    let suspended = try await ndx(
      SettlementV1.Order.self, "order", "suspend", id, "--reason", "a complaint", as: "ministry")
    #expect(suspended.agreement?.state == .suspended)
    let resumed = try await ndx(
      SettlementV1.Order.self, "order", "resume", id, "--reason", "cleared", as: "ministry")
    #expect(resumed.agreement?.state == .active)
  }

  /// Everything from the beginning, and what comes while one waits.
  private func watching(_ id: String, _ market: Market, _ ndx: Tool) async throws {
    let all = try await ndx("order", "watch", "--after", "0", "--count", "5", as: "company")
      .split(separator: "\n")
    #expect(all.count == 5)
    #expect(all[0].hasPrefix("1  \(id)  awaiting-funds"))
    #expect(
      try await ndx("order", "watch", "--after", "4", "--count", "1", as: "company")
        .split(separator: "\n") == [all[4]])
    var last: Int64 = 0
    for try await step in market.company.orders.watchOrders(.init(fromNow: true)) {
      last = step.cursor
      break
    }
    async let next = ndx(
      SettlementV1.OrderChange.self, "order", "watch", "--after", "\(last)", "--count", "1",
      as: "company")
    let terminated = try await ndx(
      SettlementV1.Order.self, "order", "terminate", id, "--reason", "done", as: "company")
    #expect(terminated.agreement?.state == .terminated)
    let change = try await next
    #expect(change.order.id == market.order.id && change.agreementState == .terminated)
  }

  @Test(.timeLimit(.minutes(3)))
  func aClearingDayIsRunByCommand() async throws {
    let exchange = try await LocalExchange(environment: Self.bank)
    let members = try await [member("payer", exchange), member("payee", exchange)]
    let ndx = Tool(exchange.ndx)
    let window = try await self.window(owing: 300_000, members, exchange, ndx)
    #expect(window.state == .closed)
    #expect(window.payInTotal == 300_000 && window.payOutTotal == 300_000)
    let id = window.id.description
    let started = try await ndx(SettlementV1.Window.self, "clearing", "start", id)
    #expect(started.state == .settling)
    let payIns = "\(exchange.directory)/pay-ins.xml"
    let export = [
      "clearing", "export", id, payIns, "--direction", "pay-in", "--format", "pacs-009",
    ]
    try await ndx(export)
    let file = try String(contentsOfFile: payIns, encoding: .utf8)
    #expect(file.contains("pacs.009.001.08"))
    #expect(try await ndx.exitCode(export) == 2, "a file is not overwritten")
    try await importing(window, exchange, ndx)
    let payOuts = "\(exchange.directory)/pay-outs.xml"
    try await ndx(
      "clearing", "export", id, payOuts, "--direction", "pay-out", "--format", "pain-001")
    let paid = try await ndx(
      SettlementV1.Position.self, "clearing", "confirm", id, "--participant",
      members[1].participant.description, "--reference", "FT-2")
    #expect(paid.leg?.state == .final)
    #expect(try await ndx(SettlementV1.Window.self, "clearing", "show", id).state == .settled)
    try await statements(window, members, ndx)
    try await abortion(members, exchange, ndx)
  }

  private struct Member {
    let participant: ParticipantID
    let account: AccountID
  }

  /// A participant with money from before it settled net.
  private func member(_ name: String, _ exchange: LocalExchange) async throws -> Member {
    let ndx = Tool(exchange.ndx)
    let participant = try await exchange.admit(name, [.consumer, .provider])
    let account = try await ndx(SettlementV1.Account.self, "account", "create", as: name).id
    try await ndx("account", "deposit", account.description, "--amount", "1000000 VND")
    let member = try await ndx(
      SettlementV1.Member.self, "clearing", "put-member", "--participant", participant.description,
      "--account", account.description, "--name", name, "--bic", "BFTVVNVX", "--bank-account",
      "0011004\(name)")
    #expect(member.environment == .live && member.currencyCode == "VND")
    #expect(try await ndx("clearing", "members", as: name).contains("BFTVVNVX"))
    return Member(participant: participant, account: account)
  }

  /// The open net window, closed once one member has paid the other.
  private func window(
    owing amount: Int64, _ members: [Member], _ exchange: LocalExchange, _ ndx: Tool
  ) async throws -> SettlementV1.Window {
    let officer = try await exchange.connection("clearing-officer")
    let results = try await officer.ledger.submitTransfers(
      .init(transfers: [
        .init(
          id: .make(at: WallClock.system.now()), kind: .post, debitAccountID: members[0].account,
          creditAccountID: members[1].account, amount: amount, currencyCode: "VND")
      ])
    ).results
    await officer.close()
    #expect(results.map(\.outcome) == [.ok])
    let open = try await ndx(
      SettlementV1.ListWindowsResponse.self, "clearing", "windows", "--state", "open", "--model",
      "net", "--environment", "live"
    ).windows
    let id = try #require(open.first).id
    return try await ndx(SettlementV1.Window.self, "clearing", "close", id.description)
  }

  /// A bank's report makes the pay-in final; what fits no payment is listed; what is too large is not sent.
  private func importing(
    _ window: SettlementV1.Window, _ exchange: LocalExchange, _ ndx: Tool
  ) async throws {
    let positions = try await ndx(
      SettlementV1.GetPositionsResponse.self, "clearing", "positions", window.id.description
    ).positions
    let leg = try #require(positions.first { $0.leg?.direction == .payIn }?.leg)
    let report = "\(exchange.directory)/report.xml"
    try Self.notification([leg.endToEndID: 300_000, "STRAY-1": 5])
      .write(toFile: report, atomically: true, encoding: .utf8)
    let read = ["clearing", "import", report, "--environment", "live"]
    let answer = try await ndx(SettlementV1.ImportStatementResponse.self, read)
    #expect(answer.matched == 1 && answer.unmatched == 1)
    #expect(try await ndx(SettlementV1.ImportStatementResponse.self, read).known)
    let lines = try await ndx(
      SettlementV1.ListStatementLinesResponse.self, "clearing", "lines", "--unmatched"
    ).lines
    #expect(lines.map(\.endToEndID) == ["STRAY-1"])
    try Data(count: 2_097_153).write(to: URL(filePath: report))
    #expect(try await ndx.exitCode(read) == 2)
  }

  private func statements(
    _ window: SettlementV1.Window, _ members: [Member], _ ndx: Tool
  ) async throws {
    let call = [
      "clearing", "statement", members[0].account.description, "--window", window.id.description,
    ]
    let csv = try await ndx(call + ["--form", "csv"], as: "payer")
    #expect(csv.contains("300000") && csv.contains("\r\n"))
    let vietnamese = try await ndx(call + ["--language", "vi"], as: "payer")
    let english = try await ndx(call, as: "payer")
    #expect(vietnamese != english)
    #expect(try await ndx.exitCode(call, as: "payee") == 1, "another's account does not exist")
  }

  private func abortion(
    _ members: [Member], _ exchange: LocalExchange, _ ndx: Tool
  ) async throws {
    let id = try await window(owing: 1_000, members, exchange, ndx).id.description
    try await ndx("clearing", "start", id)
    let aborted = try await ndx(
      SettlementV1.Window.self, "clearing", "abort", id, "--reason", "a bank is closed")
    #expect(aborted.state == .aborted && aborted.abortReason == "a bank is closed")
    let reopened = try await ndx(SettlementV1.Window.self, "clearing", "reopen", id)
    #expect(reopened.state == .closed)
    #expect(try await ndx("ledger", "verify", as: "auditor").contains("findings"))
  }

  /// A camt.054.001.08 of credits by EndToEndId.
  private static func notification(_ credits: [String: Int64]) -> String {
    let entries = credits.sorted { $0.key < $1.key }.map { id, amount in
      """
      <Ntry><NtryRef>\(id)</NtryRef><Amt Ccy="VND">\(amount)</Amt><CdtDbtInd>CRDT</CdtDbtInd>
      <Sts><Cd>BOOK</Cd></Sts><AcctSvcrRef>FT-\(id)</AcctSvcrRef>
      <BkTxCd><Prtry><Cd>TRF</Cd></Prtry></BkTxCd><NtryDtls><TxDtls><Refs>
      <EndToEndId>\(id)</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>
      """
    }
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn>
      <GrpHdr><MsgId>N-1</MsgId><CreDtTm>2026-11-24T02:00:00Z</CreDtTm></GrpHdr>
      <Ntfctn><Id>N-1-1</Id><Acct><Id><Othr><Id>001100400001</Id></Othr></Id></Acct>
      \(entries.joined(separator: "\n"))
      </Ntfctn></BkToCstmrDbtCdtNtfctn></Document>
      """
  }
}

/// `ndx` as one profile, the clearing officer unless another is named.
private struct Tool {
  private let ndx: NdxCommand

  init(_ ndx: NdxCommand) { self.ndx = ndx }

  func exitCode(_ arguments: [String], as profile: String = "clearing-officer") async throws
    -> Int32
  {
    try await ndx.run(arguments + ["--profile", profile]).exitCode
  }

  /// Standard output; throws unless it worked.
  @discardableResult
  func callAsFunction(_ arguments: [String], as profile: String = "clearing-officer")
    async throws -> String
  {
    let output = try await ndx.run(arguments + ["--profile", profile])
    guard output.exitCode == 0 else {
      throw ExchangeFailure(
        description: "ndx \(arguments.joined(separator: " ")): \(output.standardError)")
    }
    return output.standardOutput
  }

  @discardableResult
  func callAsFunction(_ arguments: String..., as profile: String = "clearing-officer")
    async throws -> String
  {
    try await self(arguments, as: profile)
  }

  /// What it printed as JSON, as the message that it is.
  func callAsFunction<Message: Decodable>(
    _ type: Message.Type, _ arguments: [String], as profile: String = "clearing-officer"
  ) async throws -> Message {
    let text = try await self(arguments + ["--output", "json"], as: profile)
    return try JSONDecoder().decode(type, from: Data(text.utf8))
  }

  func callAsFunction<Message: Decodable>(
    _ type: Message.Type, _ arguments: String..., as profile: String = "clearing-officer"
  ) async throws -> Message {
    try await self(type, arguments, as: profile)
  }
}
