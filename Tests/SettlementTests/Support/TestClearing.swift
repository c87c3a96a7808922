import Model
import RPC
import ServiceRuntime
import SettlementAPI
import SettlementDomain
import SettlementStore
import Stubs
import TestSupport

/// Settlement with a clearing officer and members that have money to start with. Pay-ins are due after
/// 60 s.
final class TestClearing: Sendable {
  let time = ManualTime()
  let authority: TestAuthority
  let service: TestService<SettlementService>
  let clearing: ClearingServiceClient
  let ledger: LedgerServiceClient
  private let channels: [RPCChannel]

  struct Member: Sendable {
    let caller: TestCaller
    let accountID: AccountID
    var id: ParticipantID { caller.participantID }
  }

  init(
    authority: TestAuthority? = nil, settings: [String: String] = [:]
  ) async throws {
    let authority = try authority ?? TestAuthority()
    self.authority = authority
    service = try await TestService(
      authority: authority, clock: time.clock,
      settings: [
        "pay-in-seconds": "60", "clearing-name": "Sàn dữ liệu & Co", "clearing-bic": "VBAAVNVX",
        "clearing-account": "GB82WEST12345698765432",
      ].merging(settings) { _, given in given })
    let officer = try service.channel(roles: [.clearingOfficer])
    channels = [officer]
    clearing = ClearingServiceClient(officer)
    ledger = LedgerServiceClient(officer)
  }

  func shutdown() async {
    for channel in channels { await channel.close() }
    await service.shutdown()
  }

  func requestID() -> RequestID { .make(at: time.now) }

  /// Opens an account with money from outside; with a cap it may go below zero.
  func account(
    of caller: TestCaller, funded amount: Int64 = 0, cap: Int64 = 0,
    environment: TypeV1.Environment = .live
  ) async throws -> AccountID {
    let id = AccountID.make(at: time.now)
    let results = try await ledger.createAccounts(
      .init(accounts: [
        SettlementV1.Account(
          id: id, ownerID: caller.participantID, currencyCode: "VND", environment: environment,
          kind: .participant, overdraftAllowed: cap > 0, netDebitCap: cap)
      ])
    ).results
    guard results[0].created else { throw TestMarket.MarketError.noAccount }
    if amount > 0 {
      try await move(amount, from: try await exchangeAccount(.external, environment), to: id)
    }
    return id
  }

  func exchangeAccount(
    _ kind: SettlementV1.AccountKind, _ environment: TypeV1.Environment = .live
  ) async throws -> AccountID {
    let accounts = try await ledger.listAccounts(.init(exchangeOwned: true)).accounts
    guard let found = accounts.first(where: { $0.kind == kind && $0.environment == environment })
    else { throw TestMarket.MarketError.noAccount }
    return found.id
  }

  @discardableResult
  func move(_ amount: Int64, from debit: AccountID, to credit: AccountID) async throws -> TransferID
  {
    let id = TransferID.make(at: time.now)
    let outcome = try await ledger.submitTransfers(
      .init(transfers: [
        SettlementV1.Transfer(
          id: id, kind: .post, debitAccountID: debit, creditAccountID: credit, amount: amount,
          currencyCode: "VND")
      ])
    ).results[0].outcome
    guard outcome == .ok else { throw TestMarket.MarketError.notStored }
    return id
  }

  /// A participant that settles net, with money from before it did.
  func member(
    _ name: String, funded amount: Int64 = 1_000_000, cap: Int64 = 0,
    environment: TypeV1.Environment = .live
  ) async throws -> Member {
    let caller = try authority.caller([.consumer], environment: environment)
    let account = try await account(of: caller, funded: amount, cap: cap, environment: environment)
    _ = try await clearing.putMember(
      .init(
        requestID: requestID(),
        member: SettlementV1.Member(
          participantID: caller.participantID, accountID: account, currencyCode: "",
          environment: .unspecified, name: name, bankBic: "BFTVVNVX", bankAccount: "0011004\(name)"
        )))
    return Member(caller: caller, accountID: account)
  }

  func balance(_ id: AccountID) async throws -> Int64 {
    guard
      let account = try await ledger.lookupAccounts(.init(accountIDs: [id])).accounts.first
    else { throw TestMarket.MarketError.noAccount }
    return account.creditsPosted - account.debitsPosted
  }

  func close(
    _ model: SettlementV1.SettlementModel = .net, _ environment: TypeV1.Environment = .live
  ) async throws -> SettlementV1.Window {
    try await clearing.closeWindow(
      .init(requestID: requestID(), currencyCode: "VND", environment: environment, model: model)
    ).window
  }

  func start(_ window: SettlementV1.Window) async throws -> SettlementV1.Window {
    try await clearing.startSettlement(.init(requestID: requestID(), windowID: window.id)).window
  }

  func confirm(
    _ window: SettlementV1.Window, _ member: Member
  ) async throws -> SettlementV1.ConfirmLegResponse {
    try await clearing.confirmLeg(
      .init(
        requestID: requestID(), windowID: window.id, participantID: member.id,
        bankReference: "FT-1"))
  }

  func get(_ window: SettlementV1.Window) async throws -> SettlementV1.Window {
    try await clearing.getWindow(.init(windowID: window.id)).window
  }

  func positions(_ window: SettlementV1.Window) async throws -> [SettlementV1.Position] {
    try await clearing.getPositions(.init(pageSize: 500, windowID: window.id)).positions
  }

  /// A window in which `payer` owes 300,000 and the others are owed 200,000 and 100,000.
  func owing(_ payer: Member, _ first: Member, _ second: Member) async throws
    -> SettlementV1.Window
  {
    try await move(400_000, from: payer.accountID, to: first.accountID)
    try await move(100_000, from: first.accountID, to: payer.accountID)
    try await move(100_000, from: first.accountID, to: second.accountID)
    return try await close()
  }

  func export(
    _ window: SettlementV1.Window, _ format: SettlementV1.PaymentFormat,
    _ direction: SettlementV1.LegDirection
  ) async throws -> SettlementV1.ExportPaymentsResponse {
    try await clearing.exportPayments(
      .init(
        requestID: requestID(), windowID: window.id, format: format, direction: direction))
  }

  func importReport(
    _ text: String, _ environment: TypeV1.Environment = .live
  ) async throws -> SettlementV1.ImportStatementResponse {
    try await clearing.importStatement(
      .init(requestID: requestID(), environment: environment, content: Array(text.utf8)))
  }

  func unmatched() async throws -> [SettlementV1.StatementLine] {
    try await clearing.listStatementLines(.init(unmatchedOnly: true)).lines
  }

  func findings() async throws -> [SettlementV1.LedgerFinding] {
    var findings: [SettlementV1.LedgerFinding] = []
    for try await step in ledger.verifyLedger(.init()) { findings += step.findings }
    return findings
  }
}
