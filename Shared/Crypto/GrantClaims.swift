package import Model

/// What a grant says: that its holder may fetch one revision, for a few minutes, from one provider.
/// Settlement signs it; connectors check it offline with settlement's published keys.
package struct GrantClaims: Sendable, Hashable {
  /// `typ` of grants.
  package static let tokenType = "ndx-grant+jwt"
  /// Longest life of a grant, in seconds.
  package static let lifetimeLimitSeconds: Int64 = 300

  /// Claim `jti`.
  package var id: GrantID
  /// SPIFFE ID of the settlement service: claim `iss`.
  package var issuer: String
  package var issuedAt: Timestamp
  package var expires: Timestamp
  /// The one certificate that may present the grant: claim `cnf`.
  package var certificateFingerprint: Digest
  package var orderID: OrderID
  package var agreementID: AgreementID
  package var productID: ProductID
  package var revisionID: RevisionID
  /// Whose connector the grant is for; also the claim `aud`.
  package var providerID: ParticipantID
  /// Who fetches; also the claim `sub`.
  package var consumerID: ParticipantID
  package var manifestSHA256: Digest
  /// Most bytes to hand out on this grant, repetitions included.
  package var quotaBytes: Int64

  package init(
    id: GrantID, issuer: String, issuedAt: Timestamp, expires: Timestamp,
    certificateFingerprint: Digest, orderID: OrderID, agreementID: AgreementID,
    productID: ProductID, revisionID: RevisionID, providerID: ParticipantID,
    consumerID: ParticipantID, manifestSHA256: Digest, quotaBytes: Int64
  ) {
    self.id = id
    self.issuer = issuer
    self.issuedAt = issuedAt
    self.expires = expires
    self.certificateFingerprint = certificateFingerprint
    self.orderID = orderID
    self.agreementID = agreementID
    self.productID = productID
    self.revisionID = revisionID
    self.providerID = providerID
    self.consumerID = consumerID
    self.manifestSHA256 = manifestSHA256
    self.quotaBytes = quotaBytes
  }

  /// The claims in the form that `JSONWebToken` signs.
  package var tokenClaims: TokenClaims {
    TokenClaims(
      issuer: issuer, subject: consumerID.description, audience: providerID.description,
      issuedAt: issuedAt, expires: expires, tokenID: id.description,
      certificateFingerprint: certificateFingerprint,
      additional: [
        "order": .string(orderID.description), "agreement": .string(agreementID.description),
        "product": .string(productID.description), "revision": .string(revisionID.description),
        "provider": .string(providerID.description), "consumer": .string(consumerID.description),
        "manifest_sha256": .string(manifestSHA256.hex), "quota_bytes": .integer(quotaBytes),
      ])
  }

  /// Reads the claims of a token whose signature, type, issuer, audience and times
  /// `JSONWebToken.verify` has accepted. Throws `CryptoError.tokenRefused` naming the claim.
  package init(_ claims: TokenClaims) throws {
    func read<Value>(_ name: String, _ parse: (String) -> Value?) throws -> Value {
      guard let value = claims.additional[name]?.string.flatMap(parse) else {
        throw CryptoError.tokenRefused(name)
      }
      return value
    }
    guard let id = GrantID(claims.tokenID) else { throw CryptoError.tokenRefused("jti") }
    guard let fingerprint = claims.certificateFingerprint else {
      throw CryptoError.tokenRefused("cnf")
    }
    guard let quota = claims.additional["quota_bytes"]?.integer, quota >= 0 else {
      throw CryptoError.tokenRefused("quota_bytes")
    }
    guard claims.expires <= claims.issuedAt.adding(seconds: Self.lifetimeLimitSeconds) else {
      throw CryptoError.tokenRefused("exp")
    }
    self.init(
      id: id, issuer: claims.issuer, issuedAt: claims.issuedAt, expires: claims.expires,
      certificateFingerprint: fingerprint, orderID: try read("order") { OrderID($0) },
      agreementID: try read("agreement") { AgreementID($0) },
      productID: try read("product") { ProductID($0) },
      revisionID: try read("revision") { RevisionID($0) },
      providerID: try read("provider") { ParticipantID($0) },
      consumerID: try read("consumer") { ParticipantID($0) },
      manifestSHA256: try read("manifest_sha256") { Digest(hex: $0) }, quotaBytes: quota)
    guard claims.audience == providerID.description, claims.subject == consumerID.description
    else { throw CryptoError.tokenRefused("aud or sub") }
  }
}
