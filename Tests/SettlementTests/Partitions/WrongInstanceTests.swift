import Codec
import Crypto
import Model
import RPC
import ServiceRuntime
import SettlementAPI
import Stubs
import TestSupport
import Testing

/// What each method of settlement answers on an instance that has nothing of the caller.
struct WrongInstanceTests {
  /// They answer for this instance itself, whoever asks: what is listed, watched or decided here is what is here.
  private static let answersForItself: Set<String> = [
    "ListMembers", "ListCrossings", "VerifyLedger", "WatchOrders", "GetGrantKeys", "ListTaxRules",
    "ProposeTaxRule", "ApproveTaxRule",
  ]
  /// Between instances: the caller says which it is.
  private static let betweenInstances: Set<String> = ["CreditCrossing", "ConfirmCrossing"]
  /// The offer is looked at first, which says in what currency is paid (PartitionTests has it).
  private static let looksLater: Set<String> = ["PlaceOrder"]

  /// Refused by environment, as the other test shows.
  private static let byEnvironment: Set<String> = ["ImportStatement", "ListStatementLines"]

  private typealias Calls = [(name: String, call: () async throws -> Void)]

  @Test func everyMethodRefusesWhatIsElsewhere() async throws {
    let both = try await TestPartitions()
    let service = both.instances[0].service
    let owner = both.participant(of: 1)
    let caller = try both.authority.caller([.consumer, .provider, .citizen], participant: owner)
    let channel = try service.channel(as: caller)
    let arbiter = try service.channel(roles: [.arbiter])
    let calls =
      Self.orderCalls(channel, arbiter: arbiter, at: both.time.now)
      + Self.agreementCalls(channel, at: both.time.now)
      + [try Self.confirmDelivery(channel, caller, at: both.time.now)]
      + Self.accountCalls(channel, both.instances[0].staff, owner, at: both.time.now)
      + Self.accountChangeCalls(both.instances[0].staff, owner, at: both.time.now)
      + Self.clearingCalls(channel, both.instances[0].staff, owner, at: both.time.now)
    for (name, call) in calls {
      do {
        try await call()
        Issue.record("\(name) was not refused")
      } catch let status as RPCStatus {
        #expect(status.details?.reason == "WRONG_PARTITION", "\(name): \(status)")
        #expect(status.code == .failedPrecondition, "\(name)")
        #expect(status.details?.metadata["partition"] == "p1", "\(name)")
      }
    }
    let decided = Self.answersForItself.union(Self.betweenInstances).union(Self.looksLater)
      .union(Self.byEnvironment).union(calls.map(\.name))
    let methods = Set(service.parts.methods.map(\.descriptor.name))
    #expect(methods.subtracting(decided).isEmpty, "what do these answer on a wrong instance?")
    #expect(decided.subtracting(methods).isEmpty)
    await channel.close()
    await arbiter.close()
    await both.shutdown()
  }

  /// What a provider's connector calls with a receipt for an order that is elsewhere.
  private static func confirmDelivery(
    _ channel: RPCChannel, _ caller: TestCaller, at now: Timestamp
  ) throws -> (name: String, call: () async throws -> Void) {
    let order = OrderID.make(at: now)
    let statement = DeliveryV1.DeliveryStatement(
      receiptID: .make(at: now), orderID: order, agreementID: .make(at: now),
      revisionID: .make(at: now), providerID: caller.participantID,
      consumerID: .make(at: now), sizeBytes: 1, manifestSHA256: Digest.sha256(of: [1]),
      completeTime: now
    ).serialized()
    let signature = DeliveryV1.Signature(
      certificateChain: caller.credential.chain.map(\.der),
      signature: try DeliveryStatementSignature.sign(statement, with: caller.credential.key))
    let receipt = DeliveryV1.DeliveryReceipt(
      statement: statement, provider: signature, consumer: signature)
    return (
      "ConfirmDelivery",
      {
        _ = try await OrderServiceClient(channel).confirmDelivery(
          .init(requestID: .make(at: now), orderID: order, receipt: receipt))
      }
    )
  }

  private static func orderCalls(
    _ channel: RPCChannel, arbiter: RPCChannel, at now: Timestamp
  ) -> Calls {
    let orders = OrderServiceClient(channel)
    let id = OrderID.make(at: now)
    let request = { RequestID.make(at: now) }
    return [
      (
        "FundOrder",
        {
          _ = try await orders.fundOrder(
            .init(requestID: request(), orderID: id, accountID: .make(at: now)))
        }
      ),
      (
        "CancelOrder",
        { _ = try await orders.cancelOrder(.init(requestID: request(), orderID: id, reason: "r")) }
      ),
      ("GetOrder", { _ = try await orders.getOrder(.init(orderID: id)) }),
      ("ListOrders", { _ = try await orders.listOrders(.init()) }),
      ("IssueGrant", { _ = try await orders.issueGrant(.init(requestID: request(), orderID: id)) }),
      (
        "AcceptDelivery",
        { _ = try await orders.acceptDelivery(.init(requestID: request(), orderID: id)) }
      ),
      (
        "RaiseDispute",
        {
          _ = try await orders.raiseDispute(
            .init(requestID: request(), orderID: id, reason: .incomplete, text: "half"))
        }
      ),
      (
        "RespondDispute",
        { _ = try await orders.respondDispute(.init(requestID: request(), orderID: id, text: "t")) }
      ),
      (
        "ResolveDispute",
        {
          _ = try await OrderServiceClient(arbiter).resolveDispute(
            .init(requestID: request(), orderID: id, outcome: .noRefund, explanation: "e"))
        }
      ),
      (
        "RefundOrder",
        { _ = try await orders.refundOrder(.init(requestID: request(), orderID: id, reason: "r")) }
      ),
    ]
  }

  private static func agreementCalls(_ channel: RPCChannel, at now: Timestamp) -> Calls {
    let orders = OrderServiceClient(channel)
    let invoices = InvoiceServiceClient(channel)
    let (id, invoice) = (OrderID.make(at: now), InvoiceID.make(at: now))
    let request = { RequestID.make(at: now) }
    return [
      (
        "SuspendAgreement",
        {
          _ = try await orders.suspendAgreement(
            .init(requestID: request(), orderID: id, reason: "r"))
        }
      ),
      (
        "ResumeAgreement",
        {
          _ = try await orders.resumeAgreement(
            .init(requestID: request(), orderID: id, reason: "r"))
        }
      ),
      (
        "TerminateAgreement",
        {
          _ = try await orders.terminateAgreement(
            .init(requestID: request(), orderID: id, reason: "r"))
        }
      ),
      (
        "CancelRenewal",
        {
          _ = try await orders.cancelRenewal(.init(requestID: request(), orderID: id, reason: "r"))
        }
      ),
      ("GetInvoice", { _ = try await invoices.getInvoice(.init(invoiceID: invoice)) }),
      ("PrintInvoice", { _ = try await invoices.printInvoice(.init(invoiceID: invoice)) }),
      ("ListInvoices", { _ = try await invoices.listInvoices(.init()) }),
      ("GetUsage", { _ = try await UsageServiceClient(channel).getUsage(.init(orderID: id)) }),
      (
        "ReportUsage",
        {
          _ = try await UsageServiceClient(channel).reportUsage(
            .init(
              requestID: request(),
              records: [SettlementV1.UsageRecord(sequence: 1, orderID: id, calls: 1)]))
        }
      ),
      ("ListDataUses", { _ = try await CitizenServiceClient(channel).listDataUses(.init()) }),
    ]
  }

  private static func accountCalls(
    _ channel: RPCChannel, _ staff: RPCChannel, _ owner: ParticipantID, at now: Timestamp
  ) -> Calls {
    let (own, officer) = (LedgerServiceClient(channel), LedgerServiceClient(staff))
    let account = AccountID.make(at: now)
    return [
      (
        "CreateAccounts",
        {
          _ = try await officer.createAccounts(
            .init(accounts: [
              SettlementV1.Account(
                id: account, ownerID: owner, currencyCode: "VND", environment: .live,
                kind: .participant)
            ]))
        }
      ),
      (
        "SubmitTransfers",
        {
          _ = try await officer.submitTransfers(
            .init(transfers: [
              SettlementV1.Transfer(
                id: .make(at: now), kind: .post, debitAccountID: account,
                creditAccountID: .make(at: now), amount: 1, currencyCode: "USD")
            ]))
        }
      ),
      ("LookupAccounts", { _ = try await own.lookupAccounts(.init(accountIDs: [account])) }),
      ("ListAccounts", { _ = try await own.listAccounts(.init()) }),
      (
        "LookupTransfers",
        { _ = try await own.lookupTransfers(.init(transferIDs: [.make(at: now)])) }
      ),
      ("ListTransfers", { _ = try await officer.listTransfers(.init(accountID: account)) }),
      ("GetBalanceHistory", { _ = try await officer.getBalanceHistory(.init(accountID: account)) }),
    ]
  }

  private static func accountChangeCalls(
    _ staff: RPCChannel, _ owner: ParticipantID, at now: Timestamp
  ) -> Calls {
    let officer = LedgerServiceClient(staff)
    let account = AccountID.make(at: now)
    let request = { RequestID.make(at: now) }
    return [
      (
        "FreezeAccount",
        {
          _ = try await officer.freezeAccount(
            .init(requestID: request(), accountID: account, reason: "r"))
        }
      ),
      (
        "UnfreezeAccount",
        {
          _ = try await officer.unfreezeAccount(
            .init(requestID: request(), accountID: account, reason: "r"))
        }
      ),
      (
        "CloseAccount",
        {
          _ = try await officer.closeAccount(
            .init(requestID: request(), accountID: account, reason: "r"))
        }
      ),
      (
        "SetNetDebitCap",
        {
          _ = try await officer.setNetDebitCap(
            .init(requestID: request(), accountID: account, reason: "r", netDebitCap: 1))
        }
      ),
      (
        "StartCrossing",
        {
          _ = try await CrossingServiceClient(staff).startCrossing(
            .init(requestID: request(), debitAccountID: account, receiverID: owner, amount: 1))
        }
      ),
    ]
  }

  private static func clearingCalls(
    _ channel: RPCChannel, _ staff: RPCChannel, _ owner: ParticipantID, at now: Timestamp
  ) -> Calls {
    let clearing = ClearingServiceClient(staff)
    let window = WindowID.make(at: now)
    let request = { RequestID.make(at: now) }
    return [
      (
        "PutMember",
        {
          _ = try await clearing.putMember(
            .init(
              requestID: request(),
              member: SettlementV1.Member(
                participantID: owner, accountID: .make(at: now), name: "A", bankBic: "BFTVVNVX",
                bankAccount: "1")))
        }
      ),
      ("GetWindow", { _ = try await clearing.getWindow(.init(windowID: window)) }),
      ("ListWindows", { _ = try await clearing.listWindows(.init(currencyCode: "USD")) }),
      (
        "CloseWindow",
        {
          _ = try await clearing.closeWindow(
            .init(requestID: request(), currencyCode: "USD", environment: .live, model: .net))
        }
      ),
      (
        "StartSettlement",
        { _ = try await clearing.startSettlement(.init(requestID: request(), windowID: window)) }
      ),
      ("GetPositions", { _ = try await clearing.getPositions(.init(windowID: window)) }),
      (
        "ConfirmLeg",
        {
          _ = try await clearing.confirmLeg(
            .init(
              requestID: request(), windowID: window, participantID: owner, bankReference: "FT"))
        }
      ),
      (
        "AbortWindow",
        {
          _ = try await clearing.abortWindow(
            .init(requestID: request(), windowID: window, reason: "r"))
        }
      ),
      (
        "ReopenWindow",
        { _ = try await clearing.reopenWindow(.init(requestID: request(), windowID: window)) }
      ),
      (
        "ExportPayments",
        {
          _ = try await clearing.exportPayments(
            .init(
              requestID: request(), windowID: window, format: .pain001, direction: .payOut))
        }
      ),
      (
        "GetStatement",
        {
          _ = try await ClearingServiceClient(channel).getStatement(
            .init(accountID: .make(at: now), format: .csv))
        }
      ),
    ]
  }

  @Test func environmentThatIsElsewhereIsRefusedInReports() async throws {
    let service = try await TestService<SettlementService>(settings: ["partition": "p1:USD/live"])
    let officer = try service.channel(roles: [.clearingOfficer])
    let clearing = ClearingServiceClient(officer)
    await expectRefusal("WRONG_PARTITION") {
      try await clearing.importStatement(
        .init(
          requestID: .make(at: WallClock.system.now()), environment: .sandbox,
          content: Array("<x/>".utf8)))
    }
    await expectRefusal("WRONG_PARTITION") {
      try await clearing.listStatementLines(.init(environment: .sandbox))
    }
    await officer.close()
    await service.shutdown()
  }
}
