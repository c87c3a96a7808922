import CatalogDomain
import Crypto
import Model

/// Values that tests start from.
enum Sample {
  static let now = Timestamp(microseconds: 1_790_000_000_000_000)
  static let later = now.adding(seconds: 60)
  static let ministry = ParticipantID.make(at: now)
  static let company = ParticipantID.make(at: now)
  static let reviewer = ParticipantID.make(at: now)

  static func description(
    title: String = "Danh mục đơn vị hành chính", english: String = "Administrative units",
    about: String = "Danh sách các tỉnh, thành phố.", dataClass: CatalogV1.DataClass = .open,
    personal: CatalogV1.PersonalData = .none, keywords: [String] = []
  ) -> CatalogV1.ProductDescription {
    CatalogV1.ProductDescription(
      title: TypeV1.LocalizedText(vi: title, en: english),
      description: TypeV1.LocalizedText(vi: about), keywords: keywords, dataClass: dataClass,
      personalData: personal)
  }

  static func product(
    _ state: CatalogV1.ProductState = .draft,
    description: CatalogV1.ProductDescription = description(),
    environment: TypeV1.Environment = .live
  ) -> Product {
    let isUnderReview = state == .submitted || state == .inReview
    return Product(
      id: .make(at: now), publisherID: ministry, environment: environment,
      description: description, state: state,
      dueTime: isUnderReview ? now.adding(seconds: 86_400) : nil, createTime: now)
  }

  static func terms(
    amount: Int64? = 2_000_000, split: [TypeV1.SplitShare]? = nil,
    audience: CatalogV1.Audience = CatalogV1.Audience(kind: .public)
  ) -> CatalogV1.OfferTerms {
    let shares = [
      TypeV1.SplitShare(beneficiary: .provider, weight: 70),
      TypeV1.SplitShare(beneficiary: .stateBudget, weight: 20),
      TypeV1.SplitShare(beneficiary: .platform, weight: 10),
    ]
    return CatalogV1.OfferTerms(
      price: CatalogV1.Price(
        model: amount == nil ? .free : .oneOff,
        amount: amount.map { Money(currency: .vnd, minorUnits: $0) }),
      split: split ?? (amount == nil ? [] : shares), licence: "CC-BY-4.0",
      policy: TypeV1.UsagePolicy(), audience: audience)
  }

  static func file(_ path: String, size: Int64 = 3, content: String = "abc")
    -> CatalogV1.ContentFile
  {
    CatalogV1.ContentFile(
      path: path, mediaType: "text/csv", sizeBytes: size, rows: 1,
      sha256: Digest.sha256(of: content))
  }

  static func revision(of product: Product, number: Int32 = 1, files: [String] = ["data.csv"])
    throws -> Revision
  {
    try Revision.publish(
      CatalogV1.PublishRevisionRequest(
        requestID: .make(at: now), productID: product.id, files: files.map { file($0) },
        connectorAddress: "127.0.0.1:7500"),
      of: product, after: number - 1, at: now)
  }

  static func viewer(
    _ id: ParticipantID, _ roles: Set<TypeV1.Role> = [], environment: TypeV1.Environment = .live
  ) -> Viewer {
    .participant(id, environment: environment, roles: roles)
  }
}
