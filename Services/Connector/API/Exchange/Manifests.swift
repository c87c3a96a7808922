import ConnectorDomain
import ConnectorStore
import Crypto
import Model
import RPC
import ServiceRuntime

/// The manifests of the revisions served: asked of catalog once, then kept.
struct Manifests: Sendable {
  private let database: ServiceDatabase
  private let clock: WallClock
  private let fetch: @Sendable (RevisionID) async throws -> CatalogV1.Revision

  init(
    database: ServiceDatabase, clock: WallClock,
    fetch: @escaping @Sendable (RevisionID) async throws -> CatalogV1.Revision
  ) {
    self.database = database
    self.clock = clock
    self.fetch = fetch
  }

  /// The revision that the grant names, its manifest verified by digest.
  /// Throws `ConnectorError.revisionNotServed` or `.manifestUnavailable`.
  func revision(for grant: DeliveryGrant) async throws -> CatalogV1.Revision {
    let known = try await database.read { try KnownTable($0).revision(grant.revisionID) }
    if let known {
      try GrantRules.check(grant, names: known)
      return known
    }
    let revision: CatalogV1.Revision
    do {
      revision = try await fetch(grant.revisionID)
    } catch let status as RPCStatus where status.code == .notFound {
      throw ConnectorError.revisionNotServed(grant.revisionID)
    } catch is RPCStatus {
      throw ConnectorError.manifestUnavailable
    }
    try GrantRules.check(grant, names: revision)
    let now = clock.now()
    try await database.write { db in
      if let manifest = revision.manifestSHA256 {
        try KnownTable(db).insert(revision, manifest: manifest, at: now)
      }
    }
    return revision
  }
}
