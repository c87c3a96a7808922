import Codec
import Crypto
import Model
import RPC
import Stubs

/// The consumer's half of a delivery receipt.
struct ReceiptSigning {
  /// What was offered for signature, kept so that a retry offers the same.
  private struct Pending: Codable {
    var orderID: OrderID
    var requestID: RequestID
    var statement: [UInt8]
  }

  let profile: Profile
  /// Folder for what must survive an interruption.
  let state: String
  let clock: WallClock

  var receiptPath: String { state + "/receipt.json" }
  private var pendingPath: String { state + "/pending-receipt.json" }

  /// The receipt of this delivery: the one held already, or one signed now by both ends. Nil when the
  /// order was delivered before and the receipt is not here: it has one, and needs no other.
  func receipt(
    for order: SettlementV1.Order, manifest: ContentManifest, grant: String,
    from connector: DeliveryServiceClient
  ) async throws -> DeliveryV1.DeliveryReceipt? {
    if let receipt = try ProtoJSON.decode(
      DeliveryV1.DeliveryReceipt.self, fromFile: receiptPath),
      try DeliveryV1.DeliveryStatement.decode(receipt.statement).orderID == order.id
    {
      try verify(receipt, order)
      return receipt
    }
    guard let pending = try pending(for: order, manifest) else { return nil }
    let signature = try DeliveryStatementSignature.sign(pending.statement, with: profile.key)
    let receipt = try await connector.signReceipt(
      DeliveryV1.SignReceiptRequest(
        requestID: pending.requestID, grant: grant, statement: pending.statement,
        consumer: DeliveryV1.Signature(
          certificateChain: profile.chain.map(\.der), signature: signature))
    ).receipt
    guard receipt.statement == pending.statement else {
      throw ClientError.verification(.receipt(reason: "the provider signed another statement"))
    }
    try verify(receipt, order)
    try LocalFile.write(try ProtoJSON.text(of: receipt) + "\n", to: receiptPath)
    try LocalFile.remove(pendingPath)
    return receipt
  }

  private func pending(for order: SettlementV1.Order, _ manifest: ContentManifest) throws
    -> Pending?
  {
    if let pending = try ProtoJSON.decode(Pending.self, fromFile: pendingPath),
      pending.orderID == order.id
    {
      return pending
    }
    guard order.state == .delivering else { return nil }
    guard let agreement = order.agreement else {
      throw ClientError.verification(.receipt(reason: "the order has no agreement"))
    }
    let now = clock.now()
    let statement = DeliveryV1.DeliveryStatement(
      receiptID: .make(at: now), orderID: order.id, agreementID: agreement.id,
      revisionID: order.revisionID, providerID: order.providerID, consumerID: order.consumerID,
      sizeBytes: manifest.sizeBytes, manifestSHA256: manifest.sha256, completeTime: now)
    let pending = Pending(
      orderID: order.id, requestID: .make(at: now), statement: statement.serialized())
    try LocalFile.makeFolder(state, isPrivate: false)
    try LocalFile.write(try ProtoJSON.text(of: pending) + "\n", to: pendingPath)
    return pending
  }

  private func verify(_ receipt: DeliveryV1.DeliveryReceipt, _ order: SettlementV1.Order) throws {
    try DeliveryReceiptVerification.verify(
      receipt, provider: order.providerID, consumer: order.consumerID,
      trustDomain: profile.exchange.trustDomain, anchors: profile.anchors)
  }
}
