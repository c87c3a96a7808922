import CatalogDomain
import CatalogStore
import GRDB
import Model
import ServiceRuntime
import Testing

@Suite struct CatalogStoreTests {
  @Test func everythingComesBackAsItWasStored() async throws {
    let catalog = try CatalogDatabase()
    let product = Sample.product(.submitted, description: Sample.description(keywords: ["tỉnh"]))
    let revision = try Sample.revision(of: Sample.product())
    let own = Revision(
      id: revision.id, productID: product.id, number: 1, files: revision.files,
      columns: [CatalogV1.Column(name: "ma", dataType: "string")],
      connectorAddress: revision.connectorAddress, manifestSHA256: revision.manifestSHA256,
      sizeBytes: revision.sizeBytes, rows: revision.rows, createTime: revision.createTime)
    let review = Review.open(for: product, at: Sample.now)
    let offer = try Offer.create(of: product, terms: Sample.terms(), at: Sample.now)
    try await catalog.write { db in
      try ProductTable(db).insert(product)
      try RevisionTable(db).insert(own)
      try ReviewTable(db).insert(review)
      try OfferTable(db).insert(offer)
    }
    try await catalog.database.read { db throws in
      #expect(try ProductTable(db).require(product.id) == product)
      #expect(try RevisionTable(db).require(own.id) == own)
      #expect(try RevisionTable(db).newest(of: product.id) == own)
      #expect(try ReviewTable(db).require(review.id) == review)
      #expect(try OfferTable(db).require(offer.id) == offer)
    }
  }

  @Test func revisionsNeitherChangeNorVanish() async throws {
    let catalog = try CatalogDatabase()
    let product = Sample.product()
    let revision = try Sample.revision(of: product)
    try await catalog.write { db in
      try ProductTable(db).insert(product)
      try RevisionTable(db).insert(revision)
    }
    for statement in [
      "UPDATE revision SET size_bytes = 0", "DELETE FROM revision",
      "UPDATE revision_file SET path = 'x'", "DELETE FROM revision_file",
    ] {
      await #expect(throws: DatabaseError.self, "\(statement)") {
        try await catalog.write { try $0.execute(sql: statement) }
      }
    }
  }

  @Test func theSchemaKeepsCoreDataFromTheMarket() async throws {
    let catalog = try CatalogDatabase()
    let core = Sample.product(.listed, description: Sample.description(dataClass: .core))
    await #expect(throws: DatabaseError.self) {
      try await catalog.write { try ProductTable($0).insert(core) }
    }
  }

  @Test func aProductHasOneReviewUnderWay() async throws {
    let catalog = try CatalogDatabase()
    let product = Sample.product(.submitted)
    try await catalog.write { db in
      try ProductTable(db).insert(product)
      try ReviewTable(db).insert(Review.open(for: product, at: Sample.now))
    }
    await #expect(throws: DatabaseError.self) {
      try await catalog.write {
        try ReviewTable($0).insert(Review.open(for: product, at: Sample.now))
      }
    }
  }

  @Test func aChangeOfAnOlderVersionIsRefused() async throws {
    let catalog = try CatalogDatabase()
    let product = Sample.product(.listed)
    let suspended = try product.moved(by: .suspend, at: Sample.later)
    try await catalog.write { db in
      try ProductTable(db).insert(product)
      try ProductTable(db).update(suspended)
    }
    await #expect(throws: CatalogError.etagMismatch) {
      try await catalog.write { try ProductTable($0).update(suspended) }
    }
  }

  @Test func everyVersionOfTheTermsIsKept() async throws {
    let catalog = try CatalogDatabase()
    let product = Sample.product(.listed)
    let first = try Offer.create(of: product, terms: Sample.terms(), at: Sample.now)
    let second = try first.revised(
      Sample.terms(amount: nil), etag: first.etag, at: Sample.later)
    try await catalog.write { db in
      try ProductTable(db).insert(product)
      try OfferTable(db).insert(first)
      try OfferTable(db).revise(second)
    }
    try await catalog.database.read { db throws in
      #expect(try OfferTable(db).require(first.id) == second)
      let amounts = try Int64?.fetchAll(
        db, sql: "SELECT amount FROM offer_version ORDER BY version")
      #expect(amounts == [2_000_000, nil])
    }
  }

  @Test func listsShowWhatTheViewerMaySee() async throws {
    let catalog = try CatalogDatabase()
    let draft = Sample.product(.draft)
    let listed = Sample.product(.listed)
    let audience = CatalogV1.Audience(kind: .listed, participantIDs: [Sample.company])
    let offers = [
      try Offer.create(of: draft, terms: Sample.terms(), at: Sample.now),
      try Offer.create(of: listed, terms: Sample.terms(), at: Sample.now),
      try Offer.create(of: listed, terms: Sample.terms(audience: audience), at: Sample.now),
    ]
    try await catalog.write { db in
      for product in [draft, listed] { try ProductTable(db).insert(product) }
      for offer in offers { try OfferTable(db).insert(offer) }
    }
    func counts(_ viewer: Viewer) async throws -> [Int] {
      try await catalog.database.read { db throws in
        [
          try ProductTable(db).list(.init(viewer: viewer), after: nil, limit: 10).count,
          try OfferTable(db).list(for: viewer, product: nil, state: nil, after: nil, limit: 10)
            .count,
        ]
      }
    }
    #expect(try await counts(Sample.viewer(Sample.ministry)) == [2, 3])
    #expect(try await counts(Sample.viewer(Sample.company)) == [1, 2])
    #expect(try await counts(Sample.viewer(Sample.reviewer)) == [1, 1])
    #expect(try await counts(Sample.viewer(Sample.reviewer, [.auditor])) == [2, 3])
    #expect(try await counts(Sample.viewer(Sample.company, environment: .sandbox)) == [0, 0])
  }
}
