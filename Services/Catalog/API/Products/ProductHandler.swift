import CatalogDomain
import CatalogStore
import Model
import ServiceRuntime
import Stubs

/// `ndx.catalog.v1.ProductService`; each RPC is in the file of its name.
struct ProductHandler: ProductServiceHandler {
  let transactor: Transactor

  /// The part that all changes of an existing product share: load, check the caller, apply the rule,
  /// save, and tell audit.
  func change(
    _ id: ProductID, _ transaction: Transaction, kind: String, payload: [String: String] = [:],
    by authorize: (Product) throws -> Void, _ rule: (Product) throws -> Product
  ) throws -> CatalogV1.Product {
    transaction.concerns("product/\(id)")
    let table = ProductTable(transaction.db)
    let product = try table.require(id)
    try authorize(product)
    let changed = try rule(product)
    try table.update(changed)
    try transaction.emit(AuditEvent(kind, changed, payload: payload))
    return try CatalogV1.Product(changed, transaction.db)
  }
}
