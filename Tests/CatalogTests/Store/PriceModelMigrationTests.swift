import CatalogDomain
import CatalogStore
import GRDB
import Model
import ServiceRuntime
import TestSupport
import Testing

struct PriceModelMigrationTests {
  @Test func offersFromBeforeKeepTheirTermsAndNewModelsAreStored() async throws {
    let folder = try TemporaryDirectory()
    let path = folder.path + "/catalog.sqlite"
    let product = Sample.product(.listed)
    let offer = try Offer.create(of: product, terms: Sample.terms(), at: Sample.now)
    let old = try ServiceDatabase(
      at: path, service: "catalog", migrations: Array(CatalogSchema.migrations.prefix(4)))
    try await old.write { db in
      try ProductTable(db).insert(product)
      try OfferTable(db).insert(offer)
    }
    await old.close()

    let new = try ServiceDatabase(
      at: path, service: "catalog", migrations: CatalogSchema.migrations)
    #expect(try await new.read { try OfferTable($0).require(offer.id) } == offer)
    var terms = Sample.terms()
    terms.price.model = .subscription
    terms.price.period = CatalogV1.BillingPeriod(unit: .month, count: 1)
    let subscription = try Offer.create(of: product, terms: terms, at: Sample.now)
    try await new.write { try OfferTable($0).insert(subscription) }
    #expect(try await new.read { try OfferTable($0).require(subscription.id) } == subscription)
    await #expect(throws: DatabaseError.self) {
      try await new.write { try $0.execute(sql: "UPDATE offer_version SET amount = 1") }
    }
    await new.close()
  }
}
