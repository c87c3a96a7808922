package import Crypto
package import Model

/// What a grant allows.
package enum GrantTerms {
  /// Least bytes that may be sent, so that small contents can be fetched again and again.
  package static let minimumQuotaBytes: Int64 = 1 << 20

  /// A new grant for `order`, bound to the certificate that asks for it. Twice the content may be
  /// sent, so that a broken fetch can be resumed and repeated.
  package static func grant(
    id: GrantID, order: Order, agreement: Agreement, certificate: Digest, lifetimeSeconds: Int64,
    at now: Timestamp
  ) -> DeliveryGrant {
    // Tokens carry whole seconds: rounding the start down keeps the life within its limit.
    let issuedAt = Timestamp(microseconds: now.microseconds / 1_000_000 * 1_000_000)
    let lifetime = min(lifetimeSeconds, DeliveryGrant.lifetimeSeconds)
    let (doubled, overflow) = order.terms.sizeBytes.multipliedReportingOverflow(by: 2)
    return DeliveryGrant(
      id: id, orderID: order.id, agreementID: agreement.id, revisionID: order.terms.revisionID,
      providerID: order.terms.providerID, consumerID: order.terms.consumerID,
      quotaBytes: max(overflow ? .max : doubled, minimumQuotaBytes),
      certificateFingerprint: certificate, issuedAt: issuedAt,
      expires: min(issuedAt.adding(seconds: lifetime), agreement.validUntil),
      productID: order.terms.productID, manifestSHA256: order.terms.manifestSHA256,
      isMetered: order.terms.isMetered)
  }
}
