package import Model

/// A data product. Its rules return the product as it is afterwards, or throw why not.
package struct Product: Sendable, Hashable {
  package let id: ProductID
  package let publisherID: ParticipantID
  package let environment: TypeV1.Environment
  package var description: CatalogV1.ProductDescription
  package var state: CatalogV1.ProductState
  /// When the review under way should be decided.
  package var dueTime: Timestamp?
  /// Grows with every change.
  package var version: Int64
  package let createTime: Timestamp
  package var updateTime: Timestamp

  package init(
    id: ProductID, publisherID: ParticipantID, environment: TypeV1.Environment,
    description: CatalogV1.ProductDescription, state: CatalogV1.ProductState = .draft,
    dueTime: Timestamp? = nil, version: Int64 = 1, createTime: Timestamp,
    updateTime: Timestamp? = nil
  ) {
    self.id = id
    self.publisherID = publisherID
    self.environment = environment
    self.description = description
    self.state = state
    self.dueTime = dueTime
    self.version = version
    self.createTime = createTime
    self.updateTime = updateTime ?? createTime
  }

  package var etag: String { EntityTag.of("product/\(id)", version: version) }

  /// A new product in DRAFT. Throws `InvalidArgument` for a description that says nothing.
  package static func create(
    publisher: ParticipantID, environment: TypeV1.Environment,
    description: CatalogV1.ProductDescription, at now: Timestamp
  ) throws -> Product {
    Product(
      id: .make(at: now), publisherID: publisher, environment: environment,
      description: try DescriptionRules.accept(description), createTime: now)
  }

  package func updated(
    _ description: CatalogV1.ProductDescription, etag: String, at now: Timestamp
  ) throws -> Product {
    var product = try moved(by: .update, at: now)
    guard etag == self.etag else { throw CatalogError.etagMismatch }
    product.description = try DescriptionRules.accept(description)
    return product
  }

  /// Handed in for review, which is due as `ReviewRules` says.
  package func submitted(hasRevision: Bool, at now: Timestamp) throws -> Product {
    var product = try moved(by: .submit, at: now)
    guard description.dataClass != .core else { throw CatalogError.coreDataNotTradable }
    guard hasRevision else { throw CatalogError.revisionMissing }
    product.dueTime = ReviewRules.dueTime(of: description, submittedAt: now)
    return product
  }

  /// The product after an action that needs nothing but the right state.
  package func moved(by action: ProductAction, at now: Timestamp) throws -> Product {
    guard let next = state.after(action) else {
      throw CatalogError.productStateForbids(state, action)
    }
    var product = self
    product.state = next
    if next != .submitted && next != .inReview { product.dueTime = nil }
    product.version += 1
    product.updateTime = now
    return product
  }

  /// What blocks the product, and who moves it on by when.
  package func standing(hasRevision: Bool) -> Standing {
    switch state {
    case .draft, .returned:
      if description.dataClass == .core {
        Standing(blockedBy: CatalogError.coreDataNotTradable.reason, nextActor: .provider)
      } else if !hasRevision {
        Standing(blockedBy: CatalogError.revisionMissing.reason, nextActor: .provider)
      } else {
        Standing(blockedBy: state == .returned ? "CHANGES_REQUESTED" : "", nextActor: .provider)
      }
    case .submitted, .inReview:
      Standing(blockedBy: "REVIEW_PENDING", nextActor: .reviewer, dueTime: dueTime)
    case .suspended: Standing(blockedBy: "SUSPENDED", nextActor: .reviewer)
    default: Standing()
    }
  }
}

/// Where an object stands on its way: what every stateful object of the exchange tells.
package struct Standing: Sendable, Hashable {
  /// A stable reason; empty when nothing blocks.
  package var blockedBy = ""
  package var nextActor = TypeV1.Actor.unspecified
  package var dueTime: Timestamp?

  package init(
    blockedBy: String = "", nextActor: TypeV1.Actor = .unspecified, dueTime: Timestamp? = nil
  ) {
    self.blockedBy = blockedBy
    self.nextActor = nextActor
    self.dueTime = dueTime
  }
}
