import CatalogDomain
import CatalogStore
package import ServiceRuntime
import Stubs

/// The catalog of the exchange: products, revisions, reviews, offers and search.
package enum CatalogService: ServiceDefinition {
  package static let name = "catalog"
  package static let summary =
    "What data exists, whose it is, whether it may be traded, on what terms."
  package static let defaultListen = "127.0.0.1:7402"
  package static let migrations = CatalogSchema.migrations

  package static func assemble(_ context: ServiceContext) async throws -> ServiceParts {
    let transactor = context.transactor
    return ServiceParts(
      methods: ProductHandler(transactor: transactor).methods
        + ReviewHandler(transactor: transactor).methods
        + OfferHandler(transactor: transactor).methods
        + SearchHandler(transactor: transactor).methods)
  }
}
