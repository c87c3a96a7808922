import Model

extension GateRule {
  /// Rules of the people that the data are about. Every consent that is named must bear the order,
  /// and personal data need one.
  func breaksConsent(_ input: GateInput) -> Bool {
    let found = input.facts.consents
    switch self {
    case .consentRequired:
      return input.facts.product.description.personalData != .none && input.consentIDs.isEmpty
    case .consentNotFound:
      return !Set(input.consentIDs).isSubset(of: found.map(\.consent.artefact.consentID))
    default: return found.contains { breaks($0, input) }
    }
  }

  private func breaks(_ verified: IdentityV1.VerifiedConsent, _ input: GateInput) -> Bool {
    let (consent, facts) = (verified.consent, input.facts)
    let artefact = consent.artefact
    switch self {
    // Silence is not consent: only what says that it was given counts.
    case .consentNotGiven: return ![.given, .paused, .withdrawn, .expired].contains(consent.state)
    case .consentWithdrawn: return consent.state == .withdrawn
    case .consentExpired: return consent.state == .expired || input.now >= artefact.expireTime
    case .consentPaused: return consent.state == .paused
    case .consentNotYetValid: return input.now < artefact.startTime
    case .consentSignatureInvalid: return !verified.signatureValid
    case .consentPartiesMismatch:
      return artefact.providerID != facts.provider.id || artefact.consumerID != facts.consumer.id
    case .consentEnvironmentMismatch: return artefact.environment != input.environment
    case .consentPurposeMismatch: return artefact.purpose != input.purpose
    case .consentCategoryMismatch:
      // A product that does not say what it is about is covered by no consent.
      let (themes, kind) = (
        facts.product.description.themes, facts.product.description.personalData
      )
      return themes.isEmpty || !Set(themes).isSubset(of: artefact.dataCategories)
        || kind == .sensitive && !artefact.sensitive
    case .consentRetentionExceeded:
      return input.policy.retentionDays == 0 || input.policy.retentionDays > artefact.retentionDays
    case .consentUsed: return verified.usedUp
    // Law on Personal Data Protection 91/2025/QH15, article 7: unless a law says otherwise.
    case .personalDataNotForSale: return input.isSale && artefact.saleBasis.isEmpty
    default: return false
    }
  }
}
