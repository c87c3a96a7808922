import Client
import Codec
import Crypto
import Foundation
import Model
import RPC
import Stubs
import Testing

/// Deliveries over a real connector: resumed, verified, and to nobody but the holder of the grant.
@Suite(.serialized) struct DeliveryTests {
  @Test(.timeLimit(.minutes(2)))
  func aDeliveryResumesAndTrustsNothingUnverified() async throws {
    let market = try await Market.open()
    let order = try await market.company.orders.fundOrder(
      .init(requestID: Market.request, orderID: market.order.id, accountID: market.account)
    ).order
    try await grantServesOnlyItsHolder(market, order)
    try await statementMustFitTheGrant(market, order)
    try await changedBytesAreFound(market, order)
    try await brokenDeliveryResumes(market, order)
    try await receiptIsThatOfBothEnds(market, order)
    await market.close()
  }

  private func grant(_ market: Market, _ order: SettlementV1.Order) async throws -> String {
    try await market.company.orders.issueGrant(
      .init(requestID: Market.request, orderID: order.id)
    ).grant
  }

  private func grantServesOnlyItsHolder(_ market: Market, _ order: SettlementV1.Order) async throws
  {
    let grant = try await grant(market, order)
    let channel = market.stranger.connector(
      at: market.connector.address, of: order.providerID)
    await expectRefusal(.permissionDenied, "GRANT_OF_ANOTHER") {
      _ = try await DeliveryServiceClient(channel).getManifest(.init(grant: grant))
    }
    await expectRefusal(.unauthenticated, "GRANT_INVALID") {
      _ = try await DeliveryServiceClient(channel).getManifest(.init(grant: grant + "A"))
    }
    await channel.close()
  }

  /// A receipt for another revision than the grant's is not signed.
  private func statementMustFitTheGrant(_ market: Market, _ order: SettlementV1.Order) async throws
  {
    let profile = market.company.profile
    let statement = DeliveryV1.DeliveryStatement(
      receiptID: .make(at: .earliest), orderID: order.id,
      agreementID: try #require(order.agreement?.id), revisionID: .make(at: .earliest),
      providerID: order.providerID, consumerID: order.consumerID, sizeBytes: order.sizeBytes,
      manifestSHA256: order.manifestSHA256, completeTime: WallClock.system.now()
    ).serialized()
    let channel = market.company.connector(at: market.connector.address, of: order.providerID)
    let grant = try await grant(market, order)
    await expectRefusal(.failedPrecondition, "STATEMENT_MISMATCH") {
      _ = try await DeliveryServiceClient(channel).signReceipt(
        .init(
          requestID: Market.request, grant: grant, statement: statement,
          consumer: .init(
            certificateChain: profile.chain.map(\.der),
            signature: try DeliveryStatementSignature.sign(statement, with: profile.key))))
    }
    await channel.close()
  }

  /// Bytes on this side that are not the provider's do not survive the digest.
  private func changedBytesAreFound(_ market: Market, _ order: SettlementV1.Order) async throws {
    let folder = market.exchange.directory + "/changed"
    let size = try await prepare(market, order, in: folder, prefix: 100) { $0[50] ^= 1 }
    await #expect {
      try await Delivery(of: order.id, to: folder, over: market.company).run()
    } throws: { error in
      guard case ClientError.verification(.file) = error else { return false }
      return true
    }
    let again = try await Delivery(of: order.id, to: folder, over: market.company).run()
    #expect(again.transferredBytes == size)
    let once = try await Delivery(of: order.id, to: folder, over: market.company).run()
    #expect(once.transferredBytes == 0)
    #expect(once.receipt == again.receipt)
    #expect(again.receipt != nil)
  }

  private func brokenDeliveryResumes(_ market: Market, _ order: SettlementV1.Order) async throws {
    let folder = market.exchange.directory + "/resumed"
    let size = try await prepare(market, order, in: folder, prefix: 400) { _ in }
    let result = try await Delivery(of: order.id, to: folder, over: market.company).run()
    #expect(result.transferredBytes == size - 400)
    #expect(result.receipt == nil, "the order has its receipt from the delivery before")
  }

  private func receiptIsThatOfBothEnds(_ market: Market, _ order: SettlementV1.Order) async throws {
    let path = market.exchange.directory + "/changed/.ndx/receipt.json"
    var receipt = try #require(
      try ProtoJSON.decode(DeliveryV1.DeliveryReceipt.self, fromFile: path))
    let profile = market.company.profile
    func verify() throws {
      try DeliveryReceiptVerification.verify(
        receipt, provider: order.providerID, consumer: order.consumerID,
        trustDomain: profile.exchange.trustDomain, anchors: profile.anchors)
    }
    try verify()
    receipt.provider = receipt.consumer
    #expect(throws: ClientError.self) { try verify() }
    let state = try await market.company.orders.getOrder(.init(orderID: order.id)).order.state
    #expect(state == .delivered)
  }

  /// Leaves the first bytes of the file as an interrupted delivery would, changed by `change`, and
  /// returns the size of the whole.
  private func prepare(
    _ market: Market, _ order: SettlementV1.Order, in folder: String, prefix: Int,
    _ change: (inout [UInt8]) -> Void
  ) async throws -> Int64 {
    let source = market.connector.dataFolder + "/provinces.csv"
    let bytes = try #require(try LocalFile.read(source))
    var begun = Array(bytes.prefix(prefix))
    change(&begun)
    let partial = folder + "/.ndx/partial"
    try LocalFile.makeFolder(partial, isPrivate: false)
    try LocalFile.write(begun, to: "\(partial)/\(Digest.sha256(of: bytes).hex)")
    return Int64(bytes.count)
  }
}
