import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore
import Stubs

/// Shows people what becomes of data about them.
struct CitizenHandler: CitizenServiceHandler {
  let transactor: Transactor
  let partitions: Partitions

  func listDataUses(
    _ request: SettlementV1.ListDataUsesRequest, _ context: CallContext
  ) async throws -> SettlementV1.ListDataUsesResponse {
    let person = try context.participant().participantID
    let page = try PageQuery(request, scope: [person.description])
    let before = page.after == nil ? Int64.max : page.afterNumber
    let found = try await transactor.database.read {
      try DataUseTable($0).list(of: person, before: before, limit: page.fetchCount)
    }
    try partitions.requireSome(found.isEmpty && page.after == nil, of: person)
    let (items, token) = page.page(found) { PageQuery.key($0.number) }
    let now = transactor.clock.now()
    return SettlementV1.ListDataUsesResponse(
      uses: items.map { SettlementV1.DataUse($0, by: person, at: now) }, nextPageToken: token)
  }
}

extension SettlementV1.DataUse {
  /// As the person sees it: their own consents alone.
  fileprivate init(_ use: DataUse, by person: ParticipantID, at now: Timestamp) {
    let (order, terms) = (use.order, use.order.terms)
    let fund = order.payouts.filter { $0.beneficiary == .dataSubjectsFund }
      .reduce(0) { $0 + $1.rest }
    func money(_ amount: Int64) -> Money? {
      guard amount > 0 else { return nil }
      return terms.price.map { Money(currency: $0.currency, minorUnits: amount) }
    }
    self.init(
      orderID: order.id, consumerID: terms.consumerID, providerID: terms.providerID,
      productID: terms.productID, revisionID: terms.revisionID, purpose: terms.purpose,
      consentIDs: terms.consents.filter { $0.subjectID == person }.map(\.id),
      state: SettlementV1.OrderState(rawValue: order.state(at: now).rawValue),
      agreement: order.agreement.map { SettlementV1.Agreement($0, at: now) },
      createTime: order.createTime, grants: use.grants, firstGrantTime: use.firstGrant,
      lastGrantTime: use.lastGrant, deliveryTime: use.delivery, dividend: money(use.dividend),
      fundShare: money(fund))
  }
}
