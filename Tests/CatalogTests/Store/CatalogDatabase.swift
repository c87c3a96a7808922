import CatalogDomain
import CatalogStore
import Foundation
import GRDB
import Model
import ServiceRuntime

/// A catalog database in a folder that goes with it.
final class CatalogDatabase: Sendable {
  let database: ServiceDatabase
  private let folder: String

  init() throws {
    folder = FileManager.default.temporaryDirectory.path + "/catalog-\(UUID().uuidString)"
    database = try ServiceDatabase(
      at: folder + "/catalog.sqlite", service: "catalog", migrations: CatalogSchema.migrations)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws
    -> Value
  {
    try await database.write(body)
  }

  /// Stores a listed product for each title.
  func list(_ titles: String..., about: String = "mô tả") async throws {
    for title in titles {
      let product = Sample.product(
        .listed, description: Sample.description(title: title, english: "", about: about))
      try await write { try ProductTable($0).insert(product) }
    }
  }

  /// Titles found, best first.
  func titles(
    _ query: String, _ filter: SearchIndex.Filter = .init(), offset: Int = 0, limit: Int = 50
  ) async throws -> [String] {
    let query = try SearchQuery(query)
    return try await database.read { db in
      try SearchIndex(db).search(query, filter, offset: offset, limit: limit)
        .map(\.product.description.title.vi)
    }
  }
}
