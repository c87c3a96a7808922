package import Model

/// The right to fetch one revision under one agreement, as the JWT between settlement, which signs
/// it, the consumer, which presents it, and the provider's connector, which checks it offline.
///
/// Claims: `sub` the consumer, `aud` the provider, `jti` the grant, `cnf.x5t#S256` the consumer's
/// certificate, and `order_id`, `agreement_id`, `revision_id`, `quota_bytes`; settlement also names
/// `product_id` and `manifest_sha256`, so that the content is bound and not only its name.
package struct DeliveryGrant: Sendable, Hashable {
  /// `typ` of the token.
  package static let tokenType = "ndx-grant+jwt"
  /// `iss` of the token.
  package static let issuer = "settlement"
  /// Longest life of a grant in seconds.
  package static let lifetimeSeconds: Int64 = 300

  package var id: GrantID
  package var orderID: OrderID
  package var agreementID: AgreementID
  package var revisionID: RevisionID
  package var providerID: ParticipantID
  package var consumerID: ParticipantID
  /// Bytes that may be sent under the agreement by the holder of this grant, repeats included.
  package var quotaBytes: Int64
  /// The one certificate that may present the grant.
  package var certificateFingerprint: Digest
  package var issuedAt: Timestamp
  package var expires: Timestamp
  package var productID: ProductID?
  /// SHA-256 of the manifest of the revision.
  package var manifestSHA256: Digest?
  /// Whether the order is paid by what is used, so that its deliveries are to be reported.
  package var isMetered: Bool

  package init(
    id: GrantID, orderID: OrderID, agreementID: AgreementID, revisionID: RevisionID,
    providerID: ParticipantID, consumerID: ParticipantID, quotaBytes: Int64,
    certificateFingerprint: Digest, issuedAt: Timestamp, expires: Timestamp,
    productID: ProductID? = nil, manifestSHA256: Digest? = nil,
    isMetered: Bool = false
  ) {
    self.id = id
    self.orderID = orderID
    self.agreementID = agreementID
    self.revisionID = revisionID
    self.providerID = providerID
    self.consumerID = consumerID
    self.quotaBytes = quotaBytes
    self.certificateFingerprint = certificateFingerprint
    self.issuedAt = issuedAt
    self.expires = expires
    self.productID = productID
    self.manifestSHA256 = manifestSHA256
    self.isMetered = isMetered
  }

  package func signed(by key: P256PrivateKey, keyID: String) throws -> String {
    var claims = TokenClaims(
      issuer: Self.issuer, subject: consumerID.description, audience: providerID.description,
      issuedAt: issuedAt, expires: expires, tokenID: id.description,
      certificateFingerprint: certificateFingerprint,
      additional: [
        "order_id": .string(orderID.description),
        "agreement_id": .string(agreementID.description),
        "revision_id": .string(revisionID.description),
        "quota_bytes": .integer(quotaBytes),
      ])
    claims.additional["product_id"] = productID.map { .string($0.description) }
    if isMetered { claims.additional["metered"] = .integer(1) }
    claims.additional["manifest_sha256"] = manifestSHA256.map { .string($0.hex) }
    return try JSONWebToken.sign(claims, type: Self.tokenType, keyID: keyID, key: key)
  }

  /// Checks signature, type, issuer, audience and times, and reads the claims. Throws
  /// `CryptoError.tokenRefused` naming the rule that failed. Whether the certificate that presents
  /// the token is the one it names is for the caller to compare.
  package static func verify(
    _ token: some StringProtocol, provider: ParticipantID, keys: JSONWebKeySet, at now: Timestamp
  ) throws -> DeliveryGrant {
    let expected = JSONWebToken.Expectation(
      type: tokenType, issuer: issuer, audience: provider.description)
    let claims = try JSONWebToken.verify(token, expecting: expected, keys: keys, at: now)
    func identifier<Entity>(_ name: String) throws -> Identifier<Entity> {
      guard let id = claims.additional[name]?.string.flatMap({ Identifier<Entity>($0) }) else {
        throw CryptoError.tokenRefused(name)
      }
      return id
    }
    guard let id = GrantID(claims.tokenID), let consumer = ParticipantID(claims.subject),
      let fingerprint = claims.certificateFingerprint,
      let quota = claims.additional["quota_bytes"]?.integer, quota >= 0
    else { throw CryptoError.tokenRefused("jti, sub, cnf or quota_bytes") }
    return DeliveryGrant(
      id: id, orderID: try identifier("order_id"), agreementID: try identifier("agreement_id"),
      revisionID: try identifier("revision_id"), providerID: provider, consumerID: consumer,
      quotaBytes: quota, certificateFingerprint: fingerprint, issuedAt: claims.issuedAt,
      expires: claims.expires,
      productID: claims.additional["product_id"]?.string.flatMap { ProductID($0) },
      manifestSHA256: claims.additional["manifest_sha256"]?.string.flatMap { Digest(hex: $0) },
      isMetered: claims.additional["metered"]?.integer == 1)
  }
}
