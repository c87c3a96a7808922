import Codec
import ConnectorDomain
import ConnectorStore
import Crypto
import GRDB
import Model
import RPC
import ServiceRuntime

extension DeliveryHandler {
  func signReceipt(
    _ request: DeliveryV1.SignReceiptRequest, _ context: CallContext
  ) async throws -> DeliveryV1.SignReceiptResponse {
    let (grant, revision) = try await admit(request.grant, context)
    let statement = try DeliveryV1.DeliveryStatement.decode(request.statement)
    let now = clock.now()
    try StatementRules.check(statement, against: grant, revision, at: now)
    let own = try credential()
    try requireSigner(request, statement, anchors: own.anchors)
    let receipt = try sign(request, with: own)
    let signed = ReceiptTable.Signed(
      requestID: request.requestID, statement: statement, statementBytes: request.statement,
      bytes: receipt.serialized())
    // The receipt's own id makes a retry safe: grant and signatures may differ from call to call.
    let earlier: [UInt8]? = try await database.write { db in
      let table = ReceiptTable(db)
      if let earlier = try table.find(
        signed.id, request: signed.requestID, statement: signed.statementBytes)
      {
        return earlier
      }
      try StatementRules.check(
        served: try ServedTable(db).servedBytes(under: grant.agreementID), of: revision)
      try table.insert(signed, at: now)
      return nil
    }
    // So that the consumer finds the order delivered when it has the receipt. What fails now is
    // tried again by the relay.
    await relay.sendNow(signed.id, order: statement.orderID, receipt: earlier ?? signed.bytes)
    return DeliveryV1.SignReceiptResponse(
      receipt: try earlier.map { try DeliveryV1.DeliveryReceipt.decode($0) } ?? receipt,
      replayed: earlier != nil)
  }

  private func requireSigner(
    _ request: DeliveryV1.SignReceiptRequest, _ statement: DeliveryV1.DeliveryStatement,
    anchors: [Certificate]
  ) throws {
    let leaf = try StatementRules.signer(
      of: request.statement, completeAt: statement.completeTime, request.consumer,
      consumer: statement.consumerID, trustDomain: trustDomain, anchors: anchors)
    let peer = Peer(
      certificate: PeerCertificate(
        spiffeID: leaf.spiffeID, serial: leaf.serial, fingerprint: leaf.fingerprint,
        notBefore: leaf.notBefore, notAfter: leaf.notAfter),
      address: "")
    guard !revocations.isRevoked(peer) else { throw AccessError.credentialRevoked }
  }

  private func sign(
    _ request: DeliveryV1.SignReceiptRequest, with own: Credential
  ) throws -> DeliveryV1.DeliveryReceipt {
    DeliveryV1.DeliveryReceipt(
      statement: request.statement,
      provider: DeliveryV1.Signature(
        certificateChain: own.chain.map(\.der),
        signature: try DeliveryStatementSignature.sign(request.statement, with: own.key)),
      consumer: request.consumer)
  }
}
