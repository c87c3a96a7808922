import Model
import RPC
import ServiceRuntime
import SettlementDomain
import Stubs
import TestSupport
import Testing

/// What people see of data about them.
struct DataUseTests {
  private func citizen(
    _ market: TestMarket, _ id: ParticipantID
  ) throws -> (CitizenServiceClient, RPCChannel) {
    let channel = try market.service.channel(
      as: market.authority.caller([.citizen], participant: id))
    return (CitizenServiceClient(channel), channel)
  }

  @Test func personSeesWhoUsedWhatAndWhatCameOfIt() async throws {
    let market = try await TestMarket()
    market.offerPersonalData(paying: TradeSamples.subjectID)
    let account = try await market.deposit(4_000_000)
    let (view, channel) = try citizen(market, TradeSamples.subjectID)
    var orders: [SettlementV1.Order] = []
    for number in 1...2 {
      var (own, other) = (
        market.consent(ConsentID(high: 5, low: UInt64(number))),
        market.consent(ConsentID(high: 6, low: UInt64(number)))
      )
      other.subjectID = ParticipantID(high: 1, low: 8)
      own.artefact.saleBasis = "Law 1/2030/QH17, article 2"
      other.artefact.saleBasis = own.artefact.saleBasis
      market.directory.set(own)
      market.directory.set(other)
      let consents = [other, own].map(\.artefact.consentID)
      let placed = try await market.place(on: consents).order
      orders.append(try await market.fund(placed, from: account))
    }
    let granted = try await market.grant(orders[0]).order
    market.time.advance(seconds: 5)
    _ = try await market.grant(granted)
    let delivered = try await market.confirm(
      granted, try market.receipt(try market.statement(of: granted)))
    _ = try await market.accept(delivered)

    let uses = try await view.listDataUses(SettlementV1.ListDataUsesRequest()).uses
    #expect(uses.map(\.orderID) == [orders[1].id, orders[0].id])
    #expect(uses.map(\.consentIDs) == [2, 1].map { [ConsentID(high: 5, low: $0)] })
    #expect(uses.map(\.grants) == [0, 2] && uses.map(\.state) == [.escrowed, .settled])
    let use = try #require(uses.last)
    #expect(use.consumerID == market.consumer.participantID && use.purpose == "research")
    let (first, last) = (try #require(use.firstGrantTime), try #require(use.lastGrantTime))
    #expect(last.microseconds - first.microseconds == 5_000_000)
    #expect(use.deliveryTime != nil && uses[0].deliveryTime == nil)
    // 80 : 15 : 5 of two million.
    #expect(use.dividend?.minorUnits == 100_000 && use.fundShare == use.dividend)
    #expect(uses[0].dividend == nil)

    let page = try await view.listDataUses(SettlementV1.ListDataUsesRequest(pageSize: 1))
    let rest = try await view.listDataUses(
      SettlementV1.ListDataUsesRequest(pageToken: page.nextPageToken))
    #expect((page.uses + rest.uses) == uses && rest.nextPageToken.isEmpty)
    await channel.close()
    await market.shutdown()
  }

  @Test func nobodySeesWhatIsAboutOthers() async throws {
    let market = try await TestMarket(price: nil)
    market.offerPersonalData(price: nil)
    let consent = market.consent()
    market.directory.set(consent)
    _ = try await market.place(on: [consent.artefact.consentID])
    let (stranger, channel) = try citizen(market, ParticipantID(high: 1, low: 7))
    #expect(try await stranger.listDataUses(SettlementV1.ListDataUsesRequest()).uses.isEmpty)
    await expectRefusal("ROLE_REQUIRED", .permissionDenied) {
      try await CitizenServiceClient(try market.service.channel(as: market.provider)).listDataUses(
        SettlementV1.ListDataUsesRequest())
    }
    await channel.close()
    await market.shutdown()
  }
}
