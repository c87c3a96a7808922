package import Crypto
package import Model

/// A delivery receipt, taken apart.
package struct DeliveryEvidence: Sendable {
  /// What both ends sign before the statement.
  package static let signaturePrefix = "ndx-delivery-receipt-v1\n"
  /// How far the consumer's clock may be ahead.
  package static let leewaySeconds: Int64 = 60

  /// One end's signature with its certificate chain, leaf first, without the root.
  package struct Signer: Sendable {
    package let chain: [Certificate]
    package let signature: [UInt8]

    package init(chain: [Certificate], signature: [UInt8]) {
      self.chain = chain
      self.signature = signature
    }
  }

  package let statement: DeliveryV1.DeliveryStatement
  /// The statement exactly as signed.
  package let statementBytes: [UInt8]
  package let provider: Signer
  package let consumer: Signer

  package init(
    statement: DeliveryV1.DeliveryStatement, statementBytes: [UInt8], provider: Signer,
    consumer: Signer
  ) {
    self.statement = statement
    self.statementBytes = statementBytes
    self.provider = provider
    self.consumer = consumer
  }
}

/// Whose certificates count.
package struct TrustAnchors: Sendable {
  package let trustDomain: String
  package let roots: [Certificate]

  package init(trustDomain: String, roots: [Certificate]) {
    self.trustDomain = trustDomain
    self.roots = roots
  }
}

/// Why a receipt is refused. The raw value is the stable reason.
package enum ReceiptRule: String, Sendable, CaseIterable {
  case orderMismatch = "RECEIPT_ORDER_MISMATCH"
  case agreementMismatch = "RECEIPT_AGREEMENT_MISMATCH"
  case partyMismatch = "RECEIPT_PARTY_MISMATCH"
  case revisionMismatch = "RECEIPT_REVISION_MISMATCH"
  case sizeMismatch = "RECEIPT_SIZE_MISMATCH"
  case manifestMismatch = "RECEIPT_MANIFEST_MISMATCH"
  case timeImplausible = "RECEIPT_TIME_IMPLAUSIBLE"
  case certificateUntrusted = "RECEIPT_CERTIFICATE_UNTRUSTED"
  case signerMismatch = "RECEIPT_SIGNER_MISMATCH"
  case signatureInvalid = "RECEIPT_SIGNATURE_INVALID"

  /// The first rule that the receipt breaks, cheapest first; nil when it proves the delivery.
  package static func firstBroken(
    by evidence: DeliveryEvidence, for order: Order, trusting anchors: TrustAnchors,
    at now: Timestamp
  ) -> ReceiptRule? {
    let (statement, terms) = (evidence.statement, order.terms)
    if statement.orderID != order.id { return .orderMismatch }
    if statement.agreementID != order.agreement?.id { return .agreementMismatch }
    if statement.providerID != terms.providerID || statement.consumerID != terms.consumerID {
      return .partyMismatch
    }
    if statement.revisionID != terms.revisionID { return .revisionMismatch }
    if statement.sizeBytes != terms.sizeBytes { return .sizeMismatch }
    if statement.manifestSHA256 != terms.manifestSHA256 { return .manifestMismatch }
    let latest = now.adding(seconds: DeliveryEvidence.leewaySeconds)
    guard statement.completeTime >= order.createTime, statement.completeTime <= latest else {
      return .timeImplausible
    }
    let signers = [(evidence.provider, terms.providerID), (evidence.consumer, terms.consumerID)]
    for (signer, participant) in signers {
      if let broken = check(signer, of: participant, evidence, anchors, at: now) { return broken }
    }
    return nil
  }

  private static func check(
    _ signer: DeliveryEvidence.Signer, of participant: ParticipantID,
    _ evidence: DeliveryEvidence, _ anchors: TrustAnchors, at now: Timestamp
  ) -> ReceiptRule? {
    guard let leaf = signer.chain.first else { return .certificateUntrusted }
    // Leaves live for an hour and a receipt may come late, so the chain must have been good when the
    // delivery was complete, or when the certificate came to be if the signer renewed it after that.
    let signTime = max(evidence.statement.completeTime, leaf.notBefore)
    guard signTime <= now.adding(seconds: DeliveryEvidence.leewaySeconds),
      (try? CertificateChain.verify(
        leaf, intermediates: Array(signer.chain.dropFirst()), anchors: anchors.roots, at: signTime))
        != nil
    else { return .certificateUntrusted }
    guard let name = leaf.spiffeID.flatMap({ SPIFFEID($0) }),
      name.trustDomain == anchors.trustDomain,
      case .participant(participant, _) = name.name
    else { return .signerMismatch }
    let signed = Array(DeliveryEvidence.signaturePrefix.utf8) + evidence.statementBytes
    guard let key = leaf.publicKey.p256, key.isValid(signature: signer.signature, for: signed)
    else {
      return .signatureInvalid
    }
    return nil
  }
}

extension ReceiptRule {
  /// What people read when this rule refuses.
  package var text: Text {
    switch self {
    case .orderMismatch:
      Text(vi: "Biên nhận thuộc đơn hàng khác.", en: "The receipt is for another order.")
    case .agreementMismatch:
      Text(vi: "Biên nhận thuộc thỏa thuận khác.", en: "The receipt is for another agreement.")
    case .partyMismatch:
      Text(vi: "Biên nhận nêu các bên khác.", en: "The receipt names other parties.")
    case .revisionMismatch:
      Text(vi: "Biên nhận thuộc phiên bản khác.", en: "The receipt is for another revision.")
    case .sizeMismatch:
      Text(
        vi: "Dung lượng đã giao khác với đơn hàng.",
        en: "The size delivered is not that of the order.")
    case .manifestMismatch:
      Text(
        vi: "Nội dung đã giao khác với đơn hàng.",
        en: "The content delivered is not that of the order.")
    case .timeImplausible:
      Text(
        vi: "Thời điểm giao không hợp lý.",
        en: "The time of delivery is before the order or in the future.")
    case .certificateUntrusted:
      Text(
        vi: "Chứng thư của một bên ký không được tin cậy.",
        en: "The certificate of a signer is not trusted.")
    case .signerMismatch:
      Text(
        vi: "Người ký không phải là bên của đơn hàng.",
        en: "A signer is not the party of the order.")
    case .signatureInvalid:
      Text(
        vi: "Một chữ ký trên biên nhận không hợp lệ.",
        en: "A signature on the receipt is not valid.")
    }
  }
}
