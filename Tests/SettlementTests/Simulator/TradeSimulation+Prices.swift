import GRDB
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

@testable import SettlementAPI

/// Usage, renewals, refunds and consents, and the invoices of all of it.
extension TradeSimulation {
  /// A provider reports what was used: new records, and at times known ones, wrong ones or too few.
  func report() async throws {
    let (now, request) = (time.now, request())
    let provider = world.consumerCount + number(0...1)
    let metered = placed.suffix(150).filter {
      reference.orders[$0]?.isMetered == true && reference.orders[$0]?.provider == provider
    }
    guard let order = (chance(90) ? metered.suffix(6).randomElement(using: &random) : placed.last)
    else { return }
    let records = records(of: provider, about: order)
    var expected = reference
    let (outcomes, refusal) = expected.report(records, by: provider, at: now)
    let context = world.context(of: provider)
    let answer = try await ask("a report of \(records.count) by \(provider) about \(order)") {
      $0.report(records, by: provider, at: now).refusal
    } _: { exchange in
      var answer = try await exchange.usage.reportUsage(
        .init(requestID: request, records: records), context)
      answer.replayed = false
      return answer
    }
    guard let answer else { return }
    try require(
      refusal == nil && answer.outcomes == outcomes,
      "records of \(provider) are \(answer.outcomes) instead of \(outcomes)")
    let next = Int64(reference.reports[provider, default: []].count) + 1
    try require(
      answer.nextSequence == next, "\(answer.nextSequence) comes next instead of \(next)")
    if let known = reference.orders[order], known.isMetered, known.provider == provider {
      let usage = try await exchange.usage.getUsage(.init(orderID: order), context)
      try require(
        usage.calls == known.calls && usage.price.minorUnits == known.usedPrice
          && usage.tax.minorUnits == known.usedTax && known.usedPrice <= known.price,
        "\(order) used \(usage.calls) for \(usage.price) instead of \(known.calls), \(known.usedPrice)"
      )
    }
  }

  private func records(of provider: Int, about order: OrderID) -> [SettlementV1.UsageRecord] {
    let taken = reference.reports[provider, default: []]
    let next = Int64(taken.count) + 1
    let new = (0..<Int64(number(1...3))).map {
      SettlementV1.UsageRecord(
        sequence: next + $0, orderID: order,
        calls: chance(5) ? 1_000_000_000_000 : Int64(number(0...900)))
    }
    switch number(0...9) {
    case 0..<3: return Array(taken.suffix(2)) + new
    case 3: return new + new
    case 4:
      var wrong = taken.suffix(1)
      for index in wrong.indices { wrong[index].calls += 1 }
      return new + wrong
    case 5: return Array(new.dropFirst()) + new.prefix(new.count > 1 ? 0 : 1)
    default: return new
    }
  }

  func refund(
    _ order: ReferenceOrder, _ request: RequestID, _ now: Timestamp
  ) async throws -> SettlementV1.Order? {
    // Mostly of one that paid somebody who has something left of it.
    let paid = placed.suffix(100).filter { id in
      reference.orders[id]?.payouts.contains { $0.rest > 0 } == true
    }
    let id = chance(80) ? paid.randomElement(using: &random) ?? order.id : order.id
    guard let order = reference.orders[id] else { return nil }
    let seller = world.context(of: order.provider)
    let amount = chance(30) ? 0 : Int64.random(in: 1...max(order.total, 1), using: &random)
    return try await ask("giving \(amount) of \(id) back", ending: id) {
      $0.refund(id, amount, at: now)
    } _: {
      try await $0.orders.refundOrder(
        .init(requestID: request, orderID: id, amountMinorUnits: amount, reason: "simulated"),
        seller
      ).order
    }
  }

  /// The next step of an order that is paid by period: paid, delivered, accepted, and then period after period, or used
  /// until its period is over. Chance alone seldom brings that about.
  func followPeriods() async throws {
    let now = time.now
    let open = placed.suffix(80).filter { id in
      guard let order = reference.orders[id] else { return false }
      let isMetered = order.isMetered && order.isIn(now, .awaitingFunds, .escrowed, .delivering)
      guard case .renewing = order.pricing else { return isMetered }
      return order.renewal?.next != nil || order.state(at: now) == .awaitingFunds
    }
    let paid = open.filter { reference.orders[$0]?.state(at: now) == .settled }
    guard let id = (chance(50) ? paid : open).last ?? open.last, let order = reference.orders[id]
    else { return }
    let action: Action
    switch order.state(at: now) {
    case .awaitingFunds: action = .fund
    case .escrowed where order.isMetered && order.calls > 0,
      .delivering where order.isMetered && order.calls > 0:
      if let due = order.due, due > now { time.set(due) }
      return try await passDeadlines()
    case .delivering where order.isMetered: return try await report()
    case .escrowed: action = .grant
    case .delivering: action = .confirm
    case .delivered: action = .accept
    case .settled:
      if let next = order.renewal?.next, next > now { time.set(next) }
      return try await passDeadlines()
    default: return
    }
    if let answer = try await take(action, order, now) { try compare(answer, now) }
  }

  func cancelRenewal(
    _ order: ReferenceOrder, _ request: RequestID, _ now: Timestamp
  ) async throws -> SettlementV1.Order? {
    // Mostly of one that renews.
    let renewing = placed.suffix(100).filter { reference.orders[$0]?.renewal?.next != nil }
    let id = chance(80) ? renewing.randomElement(using: &random) ?? order.id : order.id
    guard let known = reference.orders[id] else { return nil }
    let party = world.context(of: chance(50) ? known.consumer : known.provider)
    return try await ask("ending the renewal of \(id)") {
      $0.cancelRenewal(id, at: now)
    } _: {
      try await $0.orders.cancelRenewal(
        .init(requestID: request, orderID: id, reason: "simulated"), party
      ).order
    }
  }

  // MARK: Consents

  /// A consent to name in an order, and why that is refused: none, one that is in use, or a new one.
  func consent(
    for offer: SimulatedMarket.Offer, _ consumer: Int, _ now: Timestamp
  ) -> (ReferenceConsent?, String?) {
    let used = placed.suffix(150).compactMap { reference.orders[$0]?.consent }
    switch number(0...9) {
    case 0: return (nil, "CONSENT_REQUIRED")
    case 1:
      guard let consent = used.randomElement(using: &random) else { break }
      return (
        consent,
        reference.refusal(ofUsed: consent, for: consumer, from: offer.provider, at: now)
      )
    default: break
    }
    let end = now.adding(seconds: Int64(number(50...4_000)))
    return (world.consent(to: offer, by: consumer, until: end, at: now), nil)
  }

  /// Somebody pauses, resumes or withdraws a consent, and settlement follows, now or later.
  func speakOfConsent() async throws {
    let known = placed.suffix(150).compactMap { reference.orders[$0]?.consent }
      .filter { reference.said[$0.id] != .withdrawn }
    if chance(60), let consent = known.suffix(8).randomElement(using: &random) {
      let words: [ReferenceConsent.Word] = [.paused, .paused, .given, .withdrawn]
      let word = words[number(0...3)]
      world.say(word, of: consent.id, to: exchange)
      reference.said[consent.id] = word
    }
    if chance(60) { try await followConsents() }
  }

  func followConsents() async throws {
    let now = time.now
    _ = try await ask("following consents", isReplayed: false) { reference in
      reference.followConsents(at: now)
      return nil
    } _: { exchange in
      // From the first word on, so that each is heard again and again.
      _ = try await exchange.consents.follow(after: 0)
      return SettlementV1.TransferResult(outcome: .ok)
    }
  }

  // MARK: Comparing

  /// Every document is there, in gapless series, and they sum to what the payers have paid.
  func compareInvoices() async throws {
    let (documents, wrong, gaps) = try await exchange.database.read { db in
      let filter = InvoiceTable.Filter(party: nil, order: nil, kind: .unspecified)
      return (
        try InvoiceTable(db).list(filter, after: 0, limit: 100_000).map(\.invoice),
        try Int.fetchOne(db, sql: Self.wrongInvoices),
        try Int.fetchOne(db, sql: Self.gapsOfInvoices)
      )
    }
    let found = Dictionary(grouping: documents, by: \.orderID).mapValues {
      $0.map {
        ReferenceOrder.Document(
          isCredit: $0.kind == .creditNote, net: $0.net.minorUnits, tax: $0.tax.amount.minorUnits)
      }
    }
    for (id, order) in reference.orders {
      try require(
        found[id, default: []] == order.documents,
        "the documents of \(id) are \(found[id, default: []]) instead of \(order.documents)")
    }
    try require(wrong == 0, "\(wrong ?? 0) orders have other invoices than payments")
    try require(gaps == 0, "\(gaps ?? 0) series of invoices have gaps")
  }

  /// Orders whose invoices less credit notes are not what left the account that pays for them less what came back.
  private static let wrongInvoices = """
    WITH paid AS (
      SELECT orders.number, sum(CASE WHEN debit = funding_account THEN amount ELSE -amount END) AS sum
      FROM transfer JOIN orders ON orders.id = order_id
      WHERE kind IN (1, 3) AND funding_account IN (debit, credit) GROUP BY orders.number
    ), told AS (
      SELECT order_number, sum(CASE kind WHEN 1 THEN total ELSE -total END) AS sum
      FROM invoice GROUP BY order_number
    )
    SELECT count(*) FROM orders
    WHERE coalesce((SELECT sum FROM paid WHERE paid.number = orders.number), 0)
      <> coalesce((SELECT sum FROM told WHERE order_number = orders.number), 0)
    """

  private static let gapsOfInvoices = """
    SELECT count(*) FROM (
      SELECT 1 FROM invoice GROUP BY partition, environment, issuer_id, year, kind
      HAVING min(serial) <> 1 OR max(serial) <> count(*))
    """
}
