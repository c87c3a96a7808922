import Codec
import Crypto
import GRDB
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore
import TestSupport

@testable import SettlementAPI

/// Who trades in a simulation, with what, and what catalog and identity say of it. It outlives the crashes.
final class SimulatedMarket {
  struct Offer {
    let facts: TradeFacts
    let provider: Int
    let price: Int64
    let shares: [ReferenceOrder.Share]
    let pricing: ReferenceOrder.Pricing
    /// Whether its data are about somebody.
    let isPersonal: Bool
  }

  let directory: TemporaryDirectory
  /// Consumers, then two providers, then two that share in prices.
  let callers: [TestCaller]
  let consumerCount = 4
  private(set) var offers: [Offer] = []
  let arbiter: CallContext
  let officer: CallContext
  private let authority: TestAuthority
  private let standIn: DirectoryStandIn
  /// What identity has said of consents.
  private var feed: [RevocationEntry] = []
  private var consentCount: UInt64 = 0

  init(_ now: Timestamp) async throws {
    directory = try TemporaryDirectory()
    let years: Int64 = 10 * 365 * 86_400
    authority = try TestAuthority(lifetimeSeconds: years)
    standIn = try await DirectoryStandIn(authority)
    let authority = authority
    callers = try (0..<8).map { _ in
      try authority.caller([.consumer, .provider], lifetimeSeconds: years)
    }
    arbiter = .test(caller: try authority.caller([.arbiter]).authenticated)
    officer = .test(caller: try authority.caller([.clearingOfficer]).authenticated)
  }

  func close() async { await standIn.shutdown() }

  func open(_ clock: WallClock) async throws -> SimulatedExchange {
    let exchange = try await SimulatedExchange(
      in: directory, authority, standIn.settings, clock: clock)
    tell(exchange)
    return exchange
  }

  func context(of participant: Int) -> CallContext {
    .test(caller: callers[participant].authenticated)
  }

  // MARK: Before the first step

  /// Opens the accounts, makes two consumers settle net, and offers what is sold.
  func openAccounts(_ exchange: SimulatedExchange) async throws -> ReferenceTrades {
    let now = exchange.context.clock.now()
    try await exchange.context.transactor.write(.test()) { transaction in
      _ = try ExchangeAccounts.find(.inTransit, .vnd, .live, transaction)
      let table = TaxRuleTable(transaction.db)
      try table.insert(
        TaxRule(
          version: try table.nextVersion(), jurisdiction: "VN", supply: .domestic,
          rateBasisPoints: 800, validFrom: now.adding(seconds: -86_400), legalSource: "test",
          approveTime: now))
    }
    let own = try await exchange.database.read { db in
      try [AccountKind.escrow, .tax, .fee, .external, .inTransit].map {
        try AccountTable(db).ofExchange($0, .vnd, .live)?.id
      }
    }.compactMap(\.self)
    var reference = ReferenceTrades(
      money: ReferenceMoney(
        .init(escrow: own[0], taxOffice: own[1], outside: own[3], hub: own[4])))
    for (index, id) in own.enumerated() {
      reference.money.accounts[id] = ReferenceMoney.Account(cap: index == 3 ? nil : 0)
    }
    for index in callers.indices {
      let count = index < consumerCount ? 2 : 1
      var wallets: [AccountID] = []
      for place in 0..<count {
        let cap: Int64 = index == 1 && place == 0 ? 20_000 : 0
        let id = AccountID(high: 1, low: UInt64(index * 10 + place + 1))
        _ = try await exchange.ledger.createAccounts(
          .init(accounts: [
            SettlementV1.Account(
              id: id, ownerID: callers[index].participantID, currencyCode: "VND",
              environment: .live, kind: .participant, overdraftAllowed: cap > 0, netDebitCap: cap,
              history: place == 0)
          ]), .test(caller: .service(name: "settlement")))
        reference.money.accounts[id] = ReferenceMoney.Account(cap: Int128(cap))
        wallets.append(id)
      }
      reference.wallets.append(wallets)
    }
    for member in 0..<3 { try await join(member, exchange, &reference) }
    try await openWindows(exchange, &reference)
    makeOffers(reference, fee: own[2])
    return reference
  }

  private func join(
    _ member: Int, _ exchange: SimulatedExchange, _ reference: inout ReferenceTrades
  ) async throws {
    let account = reference.wallets[member][0]
    _ = try await exchange.clearing.putMember(
      .init(
        requestID: .make(at: exchange.context.clock.now()),
        member: SettlementV1.Member(
          participantID: callers[member].participantID, accountID: account, currencyCode: "",
          environment: .unspecified, name: "member", bankBic: "BFTVVNVX",
          bankAccount: "0011004\(member)")), officer)
    reference.money.members.insert(account)
  }

  private func openWindows(
    _ exchange: SimulatedExchange, _ reference: inout ReferenceTrades
  ) async throws {
    for model in [SettlementV1.SettlementModel.net, .gross] {
      let stored = try await exchange.database.read { db in
        try WindowTable(db).open(
          WindowKey(
            currency: .vnd, environment: .live, model: model == .net ? .net : .gross))
      }
      guard let id = stored?.window.id else { continue }
      reference.openWindows[model] = ReferenceWindow(id: id, model: model, first: 0)
    }
  }

  private func makeOffers(_ reference: ReferenceTrades, fee: AccountID) {
    let goods: [(Int64, ReferenceOrder.Pricing, isPersonal: Bool)] =
      [0, 1, 7, 11, 100, 999, 12_345, 40_000].map { ($0, .once, false) } + [
        (800, .usage(days: 1, tiers: Self.tiers), false),
        (9_000, .usage(days: 1, tiers: Self.tiers), false),
        (10, .renewing(days: 1, noticeDays: 0), false),
        (3_000, .renewing(days: 2, noticeDays: 1), false), (0, .once, true), (700, .once, true),
      ]
    for (index, (price, pricing, isPersonal)) in goods.enumerated() {
      let provider = consumerCount + index % 2
      var facts = TradeSamples.facts(
        consumer: callers[0].participantID, provider: callers[provider].participantID,
        price: price == 0 ? nil : price, offerID: OfferID(high: 2, low: UInt64(100 + index)))
      facts.beneficiaries = callers[6...7].map { TradeSamples.participant($0.participantID) }
      let weights: [[Int32]] = [
        [6, 6, 2, 0, 0], [80, 0, 0, 15, 5], [1, 0, 0, 0, 0], [3, 1, 1, 1, 1],
      ]
      let chosen = weights[index % weights.count]
      let receivers: [(TypeV1.Beneficiary, ParticipantID?, AccountID)] = [
        (.provider, nil, reference.wallets[provider][0]),
        (.intermediary, callers[6].participantID, reference.wallets[6][0]),
        (.dataSubjectsFund, callers[7].participantID, reference.wallets[7][0]),
        (.stateBudget, nil, reference.money.own.taxOffice), (.platform, nil, fee),
      ]
      let split = zip(receivers, chosen).filter { $0.1 > 0 }
      if price > 0 {
        facts.offer.terms.split = split.map {
          TypeV1.SplitShare(beneficiary: $0.0.0, participantID: $0.0.1, weight: $0.1)
        }
      }
      Self.price(&facts, pricing, isPersonal)
      standIn.set(facts)
      offers.append(
        Offer(
          facts: facts, provider: provider, price: price,
          shares: split.map { .init(weight: Int64($0.1), account: $0.0.2) },
          pricing: pricing, isPersonal: isPersonal))
    }
    for caller in callers {
      var facts = offers[0].facts
      facts.consumer = TradeSamples.participant(caller.participantID)
      standIn.set(facts)
    }
  }

  /// Some calls are free, and each of the others costs half of a đồng.
  private static let tiers = [
    ReferenceOrder.Tier(upTo: 100, micros: 0), ReferenceOrder.Tier(upTo: 1_000, micros: 700_000),
    ReferenceOrder.Tier(upTo: nil, micros: 333_333),
  ]

  private static func price(
    _ facts: inout TradeFacts, _ pricing: ReferenceOrder.Pricing, _ isPersonal: Bool
  ) {
    switch pricing {
    case .once: break
    case .usage(let days, let tiers):
      facts.offer.terms.price.model = .usage
      facts.offer.terms.price.period = .init(unit: .day, count: Int32(days))
      facts.offer.terms.price.usageUnit = .call
      facts.offer.terms.price.tiers = tiers.map {
        CatalogV1.UsageTier(upTo: $0.upTo ?? 0, unitPriceMicros: $0.micros)
      }
    case .renewing(let days, let notice):
      facts.offer.terms.price.model = .subscription
      facts.offer.terms.price.period = .init(unit: .day, count: Int32(days))
      facts.offer.terms.price.renews = true
      facts.offer.terms.price.noticeDays = Int32(notice)
    }
    guard isPersonal else { return }
    facts.product.description.personalData = .basic
    facts.product.description.themes = ["health"]
    facts.offer.terms.policy.retentionDays = 30
  }

  // MARK: Consents

  /// Somebody agrees to one order of a consumer.
  func consent(
    to offer: Offer, by consumer: Int, until end: Timestamp, at now: Timestamp
  ) -> ReferenceConsent {
    consentCount += 1
    var consent = TradeSamples.consent(
      ConsentID(high: 5, low: consentCount), consumer: callers[consumer].participantID,
      provider: callers[offer.provider].participantID, at: now.adding(seconds: -86_400))
    consent.artefact.expireTime = end
    consent.artefact.saleBasis = "Law 91/2025/QH15"
    standIn.set(consent)
    return ReferenceConsent(
      id: consent.artefact.consentID, consumer: consumer, provider: offer.provider, expires: end)
  }

  /// Identity says something of a consent; settlement hears it, and again whenever it has started.
  func say(
    _ word: ReferenceConsent.Word, of consent: ConsentID, to exchange: SimulatedExchange
  ) {
    let epoch = Int64(feed.count + 1)
    feed.append(
      RevocationEntry(
        epoch: epoch, subject: word == .withdrawn ? .consent(consent) : .consentPause(consent),
        notBefore: exchange.context.clock.now(), isBlocked: word != .given))
    tell(exchange)
  }

  private func tell(_ exchange: SimulatedExchange) {
    exchange.context.revocations.apply(
      feed, epoch: Int64(feed.count), asOf: exchange.context.clock.now())
  }

  // MARK: Receipts

  /// What both ends have signed of a delivery.
  func receipt(
    for order: Order, from provider: Int, to consumer: Int, completed: Timestamp
  ) throws -> DeliveryV1.DeliveryReceipt {
    let statement = DeliveryV1.DeliveryStatement(
      receiptID: .make(at: completed), orderID: order.id,
      agreementID: order.agreement?.id ?? .make(at: completed),
      revisionID: order.terms.revisionID, providerID: order.terms.providerID,
      consumerID: order.terms.consumerID, sizeBytes: order.terms.sizeBytes,
      manifestSHA256: order.terms.manifestSHA256, completeTime: completed
    ).serialized()
    func signature(_ signer: TestCaller) throws -> DeliveryV1.Signature {
      DeliveryV1.Signature(
        certificateChain: signer.credential.chain.map(\.der),
        signature: try DeliveryStatementSignature.sign(statement, with: signer.credential.key))
    }
    return DeliveryV1.DeliveryReceipt(
      statement: statement, provider: try signature(callers[provider]),
      consumer: try signature(callers[consumer]))
  }
}
