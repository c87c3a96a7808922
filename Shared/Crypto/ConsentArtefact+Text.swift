package import Model

/// What a person signs when they give consent (`ndx.identity.v1.ConsentArtefact`).
extension IdentityV1.ConsentArtefact {
  /// "ndx-consent-v1" and a line "name: value" for each field in order, each ended by a line feed.
  /// No value has a line feed in it: the decoder's rules see to that.
  package var text: String {
    let frequency = frequency.map { "\($0.orders) in \($0.days) days" } ?? ""
    let lines = [
      "ndx-consent-v1", "consent_id: \(consentID)", "version: \(version)",
      "subject_pseudonym: \(subjectPseudonym)", "provider_id: \(providerID)",
      "consumer_id: \(consumerID)", "environment: \(environment.protoName ?? "")",
      "purpose: \(purpose)", "data_categories: \(dataCategories.joined(separator: ","))",
      "sensitive: \(sensitive)", "start_time: \(startTime)", "expire_time: \(expireTime)",
      "use: \(use.protoName ?? "")", "frequency: \(frequency)", "retention_days: \(retentionDays)",
      "sale_basis: \(saleBasis)",
    ]
    return lines.map { $0 + "\n" }.joined()
  }

  /// ES256 over the text in UTF-8: 64 bytes, r‖s.
  package func signed(by key: P256PrivateKey) throws -> [UInt8] {
    try key.sign(Array(text.utf8))
  }

  /// Whether `signature` is by the key of `certificate`. Whose it is, and whether it was valid then, is
  /// for the caller to judge.
  package func isSigned(_ signature: [UInt8], by certificate: Certificate) -> Bool {
    certificate.publicKey.p256?.isValid(signature: signature, for: Array(text.utf8)) ?? false
  }
}
