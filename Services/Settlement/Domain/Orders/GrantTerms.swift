package import Crypto
package import Model

/// What a grant allows.
package enum GrantTerms {
  /// Bytes allowed beyond the content itself, so that a broken fetch can be resumed and repeated.
  package static let minimumQuotaBytes: Int64 = 1 << 20

  /// The claims of a new grant for `order`, bound to the certificate that asks for it.
  package static func claims(
    id: GrantID, order: Order, agreement: Agreement, certificate: Digest, issuer: String,
    lifetimeSeconds: Int64, at now: Timestamp
  ) -> GrantClaims {
    // Tokens carry whole seconds: rounding down both ends keeps the life within its limit.
    let issuedAt = Timestamp(microseconds: now.microseconds / 1_000_000 * 1_000_000)
    let lifetime = min(lifetimeSeconds, GrantClaims.lifetimeLimitSeconds)
    let (doubled, overflow) = order.terms.sizeBytes.multipliedReportingOverflow(by: 2)
    return GrantClaims(
      id: id, issuer: issuer, issuedAt: issuedAt,
      expires: min(issuedAt.adding(seconds: lifetime), agreement.validUntil),
      certificateFingerprint: certificate, orderID: order.id, agreementID: agreement.id,
      productID: order.terms.productID, revisionID: order.terms.revisionID,
      providerID: order.terms.providerID, consumerID: order.terms.consumerID,
      manifestSHA256: order.terms.manifestSHA256,
      quotaBytes: max(overflow ? .max : doubled, minimumQuotaBytes))
  }
}
