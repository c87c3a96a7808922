package import Crypto
package import Model

/// A delivery receipt, with its statement read.
package struct DeliveryEvidence: Sendable {
  /// How far the consumer's clock may be ahead.
  package static let leewaySeconds: Int64 = 60

  package let statement: DeliveryV1.DeliveryStatement
  package let receipt: DeliveryV1.DeliveryReceipt

  package init(statement: DeliveryV1.DeliveryStatement, receipt: DeliveryV1.DeliveryReceipt) {
    self.statement = statement
    self.receipt = receipt
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
  case signatureInvalid = "RECEIPT_SIGNATURE_INVALID"
  case signerMismatch = "RECEIPT_SIGNER_MISMATCH"
  case idReused = "RECEIPT_ID_REUSED"

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
    let signers = [
      (evidence.receipt.provider, terms.providerID), (evidence.receipt.consumer, terms.consumerID),
    ]
    for (signature, participant) in signers {
      if let broken = check(signature, of: participant, evidence, anchors, at: now) {
        return broken
      }
    }
    return nil
  }

  private static func check(
    _ signature: DeliveryV1.Signature, of participant: ParticipantID,
    _ evidence: DeliveryEvidence, _ anchors: TrustAnchors, at now: Timestamp
  ) -> ReceiptRule? {
    guard let leaf = signature.certificateChain.first.flatMap({ try? Certificate(der: $0) }) else {
      return .certificateUntrusted
    }
    // Leaves live for an hour and a receipt may come late, so the chain must have been good when the
    // delivery was complete, or when the certificate came to be if the signer renewed it after that.
    let signTime = max(evidence.statement.completeTime, leaf.notBefore)
    guard signTime <= now.adding(seconds: DeliveryEvidence.leewaySeconds) else {
      return .certificateUntrusted
    }
    do {
      _ = try DeliveryStatementSignature.verify(
        signature.signature, by: signature.certificateChain, under: evidence.receipt.statement,
        anchors: anchors.roots, at: signTime)
    } catch CryptoError.invalidSignature {
      return .signatureInvalid
    } catch {
      return .certificateUntrusted
    }
    guard let name = leaf.spiffeID.flatMap({ SPIFFEID($0) }),
      name.trustDomain == anchors.trustDomain, case .participant(participant, _) = name.name
    else { return .signerMismatch }
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
    case .idReused:
      Text(
        vi: "Mã biên nhận đã được dùng cho đơn hàng khác.",
        en: "The id of the receipt was used for another order.")
    }
  }
}
