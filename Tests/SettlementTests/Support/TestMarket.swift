import Codec
import Crypto
import Model
import RPC
import ServiceRuntime
import SettlementAPI
import SettlementDomain
import SettlementStore
import Stubs
import TestSupport

/// Settlement on a real server with the parties of a trade, and catalog and identity beside it.
/// Orders wait 100 s for their money, 200 s for delivery and 300 s for acceptance; disputes 400 s for
/// an answer, 500 s for a reply and 600 s for a decision. Prices bear no tax unless the test asks for it.
final class TestMarket: Sendable {
  let time = ManualTime()
  let authority: TestAuthority
  let directory: DirectoryStandIn
  let service: TestService<SettlementService>
  let consumer: TestCaller
  let provider: TestCaller
  let offerID = OfferID(high: 2, low: 1)
  let orders: OrderServiceClient
  let deliveries: OrderServiceClient
  let ledger: LedgerServiceClient
  let staff: LedgerServiceClient
  private let channels: [RPCChannel]

  init(
    price: Int64? = 2_000_000, environment: TypeV1.Environment = .live, taxRate: Int32 = 0,
    partition: String? = nil, consumerID: ParticipantID? = nil, providerID: ParticipantID? = nil,
    certificateSeconds: Int64 = 3_600,
    authority given: TestAuthority? = nil, in folder: TemporaryDirectory? = nil,
    settings more: [String: String] = [:]
  ) async throws {
    authority =
      try given ?? TestAuthority(lifetimeSeconds: max(certificateSeconds, 86_400))
    directory = try await DirectoryStandIn(authority)
    var settings = directory.settings
    settings["funding-seconds"] = "100"
    settings["delivery-seconds"] = "200"
    settings["acceptance-seconds"] = "300"
    settings["answer-seconds"] = "400"
    settings["reply-seconds"] = "500"
    settings["decision-seconds"] = "600"
    settings["partition"] = partition
    settings.merge(more) { _, given in given }
    service = try await TestService(
      authority: authority, clock: time.clock, settings: settings, directory: folder)
    consumer = try authority.caller(
      [.consumer], participant: consumerID, environment: environment,
      lifetimeSeconds: certificateSeconds)
    provider = try authority.caller(
      [.provider], participant: providerID, environment: environment,
      lifetimeSeconds: certificateSeconds)
    let buying = try service.channel(as: consumer)
    let selling = try service.channel(as: provider)
    let clearing = try service.channel(
      as: authority.caller([.clearingOfficer], lifetimeSeconds: certificateSeconds))
    channels = [buying, selling, clearing]
    orders = OrderServiceClient(buying)
    deliveries = OrderServiceClient(selling)
    ledger = LedgerServiceClient(buying)
    staff = LedgerServiceClient(clearing)
    directory.set(facts(price: price, environment: environment))
    try await setTax(taxRate)
  }

  /// Adds a rule by which every price bears the tax that the test expects, whatever the law of the day.
  private func setTax(_ rateBasisPoints: Int32) async throws {
    let now = time.now
    try await service.database.write { db in
      let table = TaxRuleTable(db)
      try table.insert(
        TaxRule(
          version: try table.nextVersion(), jurisdiction: "VN", supply: .domestic,
          rateBasisPoints: rateBasisPoints, validFrom: now, legalSource: "test",
          approveTime: now))
    }
  }

  func facts(
    price: Int64? = 2_000_000, environment: TypeV1.Environment = .live
  ) -> TradeFacts {
    TradeSamples.facts(
      consumer: consumer.participantID, provider: provider.participantID, price: price,
      environment: environment, offerID: offerID)
  }

  func shutdown() async {
    await close()
    await directory.shutdown()
  }

  /// Ends settlement; catalog and identity go on.
  func close() async {
    for channel in channels { await channel.close() }
    await service.shutdown()
  }

  func requestID() -> RequestID { .make(at: time.now) }

  // MARK: Money

  /// The exchange's own account of a kind.
  func exchangeAccount(
    _ kind: SettlementV1.AccountKind, _ environment: TypeV1.Environment = .live
  ) async throws -> SettlementV1.Account {
    let accounts = try await staff.listAccounts(
      SettlementV1.ListAccountsRequest(exchangeOwned: true)
    ).accounts
    guard let account = accounts.first(where: { $0.kind == kind && $0.environment == environment })
    else { throw MarketError.noAccount }
    return account
  }

  enum MarketError: Error { case noAccount, notStored }

  /// Opens an account of the consumer and books a deposit on it.
  func deposit(
    _ amount: Int64, environment: TypeV1.Environment = .live
  ) async throws -> AccountID {
    let id = AccountID.make(at: time.now)
    let results = try await staff.createAccounts(
      SettlementV1.CreateAccountsRequest(accounts: [
        SettlementV1.Account(
          id: id, ownerID: consumer.participantID, currencyCode: "VND", environment: environment,
          kind: .participant)
      ])
    ).results
    guard results[0].created else { throw MarketError.noAccount }
    guard amount > 0 else { return id }
    let response = try await staff.submitTransfers(
      SettlementV1.SubmitTransfersRequest(transfers: [
        SettlementV1.Transfer(
          id: .make(at: time.now), kind: .post,
          debitAccountID: try await exchangeAccount(.external, environment).id,
          creditAccountID: id, amount: amount, currencyCode: "VND")
      ]))
    guard response.results[0].outcome == .ok else { throw MarketError.notStored }
    return id
  }

  func balance(_ id: AccountID) async throws -> Int64 {
    let found = try await staff.lookupAccounts(SettlementV1.LookupAccountsRequest(accountIDs: [id]))
    guard let account = found.accounts.first else { throw MarketError.noAccount }
    return account.creditsPosted - account.debitsPosted - account.debitsPending
  }

  // MARK: Steps of a trade

  func place(purpose: String = "research", etag: String = "v1") async throws -> SettlementV1.Order {
    try await orders.placeOrder(
      SettlementV1.PlaceOrderRequest(
        requestID: requestID(), offerID: offerID, offerEtag: etag, purpose: purpose)
    ).order
  }

  func fund(_ order: SettlementV1.Order, from account: AccountID) async throws -> SettlementV1.Order
  {
    try await orders.fundOrder(
      SettlementV1.FundOrderRequest(
        requestID: requestID(), orderID: order.id, accountID: account)
    ).order
  }

  func grant(_ order: SettlementV1.Order) async throws -> SettlementV1.IssueGrantResponse {
    try await orders.issueGrant(
      SettlementV1.IssueGrantRequest(requestID: requestID(), orderID: order.id))
  }

  func statement(of order: SettlementV1.Order) throws -> DeliveryV1.DeliveryStatement {
    guard let agreement = order.agreement else { throw MarketError.notStored }
    return DeliveryV1.DeliveryStatement(
      receiptID: .make(at: time.now), orderID: order.id, agreementID: agreement.id,
      revisionID: order.revisionID, providerID: order.providerID, consumerID: order.consumerID,
      sizeBytes: order.sizeBytes, manifestSHA256: order.manifestSHA256, completeTime: time.now)
  }

  func receipt(
    _ statement: DeliveryV1.DeliveryStatement, provider: TestCaller? = nil,
    consumer: TestCaller? = nil
  ) throws -> DeliveryV1.DeliveryReceipt {
    let bytes = statement.serialized()
    func signature(_ signer: TestCaller) throws -> DeliveryV1.Signature {
      DeliveryV1.Signature(
        certificateChain: signer.credential.chain.map(\.der),
        signature: try DeliveryStatementSignature.sign(bytes, with: signer.credential.key))
    }
    return DeliveryV1.DeliveryReceipt(
      statement: bytes, provider: try signature(provider ?? self.provider),
      consumer: try signature(consumer ?? self.consumer))
  }

  func confirm(
    _ order: SettlementV1.Order, _ receipt: DeliveryV1.DeliveryReceipt
  ) async throws -> SettlementV1.Order {
    try await deliveries.confirmDelivery(
      SettlementV1.ConfirmDeliveryRequest(
        requestID: requestID(), orderID: order.id, receipt: receipt)
    ).order
  }

  func accept(_ order: SettlementV1.Order) async throws -> SettlementV1.Order {
    try await orders.acceptDelivery(
      SettlementV1.AcceptDeliveryRequest(requestID: requestID(), orderID: order.id)
    ).order
  }

  func get(_ order: SettlementV1.Order) async throws -> SettlementV1.Order {
    try await orders.getOrder(SettlementV1.GetOrderRequest(orderID: order.id)).order
  }

  /// A paid order of which a grant has been issued, or one further on.
  func delivering(from account: AccountID) async throws -> SettlementV1.Order {
    try await grant(try await fund(try await place(), from: account)).order
  }

  func delivered(from account: AccountID) async throws -> SettlementV1.Order {
    let order = try await delivering(from: account)
    return try await confirm(order, try receipt(try statement(of: order)))
  }

  // MARK: What happened

  /// Kinds of the audit events about a subject, in order, refused ones with their reason.
  func story(of subject: String) async throws -> [String] {
    try await service.database.read { db in
      try OutboxStory.read(subject, db)
    }
  }

  func findings() async throws -> [SettlementV1.LedgerFinding] {
    var findings: [SettlementV1.LedgerFinding] = []
    for try await step in staff.verifyLedger(SettlementV1.VerifyLedgerRequest()) {
      findings += step.findings
    }
    return findings
  }
}
