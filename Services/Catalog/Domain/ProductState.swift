package import Model

/// What can be done to a product.
package enum ProductAction: String, Sendable, Hashable, CaseIterable {
  case update, submit, claim, list, giveBack, reject, suspend, reinstate, delist
  case publishRevision, offer
}

extension CatalogV1.ProductState {
  /// The state after `action`; nil where the action is not allowed.
  ///
  ///     DRAFT → SUBMITTED → IN_REVIEW → RETURNED → SUBMITTED | REJECTED | LISTED ⇄ SUSPENDED → DELISTED
  package func after(_ action: ProductAction) -> Self? {
    switch (self, action) {
    case (.draft, .update), (.returned, .update): self
    case (.draft, .submit), (.returned, .submit): .submitted
    case (.submitted, .claim): .inReview
    case (.inReview, .list): .listed
    case (.inReview, .giveBack): .returned
    case (.inReview, .reject): .rejected
    case (.listed, .suspend): .suspended
    case (.suspended, .reinstate): .listed
    case (.listed, .delist), (.suspended, .delist): .delisted
    // What a reviewer looks at does not change under their eyes.
    case (.draft, .publishRevision), (.returned, .publishRevision), (.listed, .publishRevision),
      (.suspended, .publishRevision):
      self
    case (.rejected, .offer), (.delisted, .offer): nil
    case (_, .offer): self
    default: nil
    }
  }

  /// Whether the product has been on the market, and so is known to everyone of its environment.
  package var isPublic: Bool {
    switch self {
    case .listed, .suspended, .delisted: true
    default: false
    }
  }
}
