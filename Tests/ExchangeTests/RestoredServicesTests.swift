import Client
import Foundation
import GRDB
import Model
import RPC
import Stubs
import TestSupport
import Testing

/// Services of a running exchange, copied while they work, and started again from the copy when more has happened since:
/// what the copy holds is there, what it lacks is in the log, and the producer goes on once somebody has said so.
@Suite(.serialized) struct RestoredServicesTests {
  @Test(.timeLimit(.minutes(2)))
  func identityGoesOnFromACopy() async throws {
    let exchange = try await LocalExchange()
    let producer = RestoredProducer(exchange, "identity")
    let early = try await exchange.admit("early", [.consumer])
    async let meanwhile = exchange.admit("meanwhile", [.consumer])
    try await producer.copy()
    _ = try await meanwhile
    let late = try await exchange.admit("late", [.consumer])
    try await producer.restore()
    let registrar = try await exchange.connection("registrar-1")
    func find(_ id: ParticipantID) async throws -> IdentityV1.ParticipantState {
      try await registrar.participants.getParticipant(.init(participantID: id)).participant.state
    }
    let state = try await untilReachable { try await find(early) }
    #expect(state == .active)
    let missing = await #expect(throws: RPCStatus.self) { try await find(late) }
    #expect(missing?.code == .notFound)
    // It admits at once; what it has to tell of it waits.
    let next = try await exchange.admit("next", [.consumer])
    try await producer.resume()
    let found = try await untilReachable { try await find(next) }
    #expect(found == .active)
    try await producer.checkLog()
    await registrar.close()
  }

  @Test(.timeLimit(.minutes(2)))
  func catalogAndAConnectorGoOnFromCopies() async throws {
    let market = try await Market.open()
    let producer = RestoredProducer(market.exchange, "catalog")
    func offer() async throws -> OfferID {
      try await market.ministry.offers.createOffer(
        .init(
          requestID: Market.request, productID: market.offer.productID, terms: Market.terms)
      ).offer.id
    }
    async let meanwhile = offer()
    try await producer.copy()
    _ = try await meanwhile
    let late = try await offer()
    try await producer.restore()
    let kept = try await untilReachable {
      try await market.company.offers.getOffer(.init(offerID: market.offer.id)).offer
    }
    #expect(kept.etag == market.offer.etag)
    let missing = await #expect(throws: RPCStatus.self) {
      try await market.company.offers.getOffer(.init(offerID: late))
    }
    #expect(missing?.code == .notFound)
    _ = try await offer()
    try await producer.resume()
    try await producer.checkLog()
    try await trades(market)
    await market.close()
  }

  /// A connector has no events. It forgets what it served since the copy, and serves on.
  private func trades(_ market: Market) async throws {
    let connector = market.connector
    let first = try await trade(market)
    let copy = "\(market.exchange.directory)/connector.copy"
    try await ServiceCommand.run(
      "connector", ["backup", copy], connector.dataDirectory, market.exchange)
    let second = try await trade(market)
    try await connector.restart {
      try await ServiceCommand.run(
        "connector", ["restore", copy, "--replace"], connector.dataDirectory, market.exchange)
    }
    _ = try await trade(market)
    // What was confirmed stays confirmed, whatever the connector remembers.
    for order in [first, second] {
      let state = try await market.company.orders.getOrder(.init(orderID: order)).order.state
      #expect(state == .delivered)
    }
    let database = try DatabaseQueue(path: connector.dataDirectory + "/connector.sqlite")
    let receipts = try await database.read {
      try Int.fetchOne($0, sql: "SELECT count(*) FROM receipt")
    }
    #expect(receipts == 2)
    try database.close()
  }

  /// Places, pays and fetches an order, until settlement has the receipt.
  private func trade(_ market: Market) async throws -> OrderID {
    let orders = market.company.orders
    let order = try await untilReachable {
      try await orders.placeOrder(
        .init(
          requestID: Market.request, offerID: market.offer.id, offerEtag: market.offer.etag,
          purpose: "research")
      ).order.id
    }
    _ = try await orders.fundOrder(
      .init(requestID: Market.request, orderID: order, accountID: market.account))
    _ = try await untilReachable {
      try await Delivery(
        of: order, to: "\(market.exchange.directory)/delivered-\(order)", over: market.company
      ).run()
    }
    try await untilReachable {
      let state = try await orders.getOrder(.init(orderID: order)).order.state
      guard state == .delivered else {
        throw RPCStatus(code: .unavailable, message: "the receipt is on its way: \(state)")
      }
    }
    return order
  }
}

/// The commands of a service beside `serve`.
private enum ServiceCommand {
  @discardableResult
  static func run(
    _ service: String, _ arguments: [String], _ dataDirectory: String, _ exchange: LocalExchange
  ) async throws -> String {
    let output = try await NdxCommand.run(
      try BuiltProducts.executable(service),
      arguments + ["--data-directory", dataDirectory], environment: [:],
      scratch: exchange.directory)
    guard output.exitCode == 0 else {
      throw ExchangeFailure(description: "\(service) \(arguments): \(output.standardError)")
    }
    return output.standardOutput
  }
}

/// A service of a local exchange that is put back to a copy of its database.
private struct RestoredProducer {
  let exchange: LocalExchange
  let name: String

  init(_ exchange: LocalExchange, _ name: String) {
    self.exchange = exchange
    self.name = name
  }

  private var dataDirectory: String { "\(exchange.directory)/services/\(name)" }
  private var copyPath: String { "\(exchange.directory)/\(name).copy" }

  /// Copies the database of the running service.
  func copy() async throws {
    try await ServiceCommand.run(name, ["backup", copyPath], dataDirectory, exchange)
  }

  /// Once the log has all that happened since, goes back to the copy.
  func restore() async throws {
    try await untilProven()
    exchange.kill(name)
    try await ServiceCommand.run(name, ["restore", copyPath, "--replace"], dataDirectory, exchange)
    try await exchange.start()
  }

  /// Does what the service asks for.
  func resume() async throws {
    let next = try await untilReachable {
      let status = try await exchange.ndx("status")
      guard let match = status.firstMatch(of: /resume-events with --next ([0-9]+)/) else {
        throw RPCStatus(code: .unavailable, message: "nobody is asked for anything: \(status)")
      }
      return String(match.1)
    }
    exchange.kill(name)
    try await ServiceCommand.run(name, ["resume-events", "--next", next], dataDirectory, exchange)
    try await exchange.start()
    try await untilProven()
    let status = try await exchange.ndx("status")
    #expect(!status.contains("resume-events"))
  }

  private func untilProven() async throws {
    let database = try DatabaseQueue(path: "\(dataDirectory)/\(name).sqlite")
    try await untilReachable {
      let unproven = try await database.read { db in
        try Int.fetchOne(
          db,
          sql: """
            SELECT count(*) FROM outbox
            WHERE sequence > coalesce((SELECT sequence FROM outbox_proof), 0)
            """)
      }
      guard unproven == 0 else {
        throw RPCStatus(code: .unavailable, message: "\(unproven ?? 0) events are not proven")
      }
    }
    try database.close()
  }

  /// The log has every number of the producer, and the mark of the restored copy.
  func checkLog() async throws {
    let auditor = try await exchange.connection("auditor")
    var entries: [AuditV1.Entry] = []
    var token = ""
    repeat {
      let page = try await auditor.log.listEntries(.init(pageSize: 500, pageToken: token))
      entries += page.entries.filter { $0.producer == name }
      token = page.nextPageToken
    } while !token.isEmpty
    #expect(entries.map(\.producerSequence) == Array(1...Int64(entries.count)))
    #expect(entries.count { $0.kind == "producer.resumed" } == 1)
    await auditor.close()
  }
}
