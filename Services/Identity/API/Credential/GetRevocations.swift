import IdentityDomain
import IdentityStore
import Model
import RPC
import ServiceRuntime
import Stubs

extension CredentialHandler {
  func getRevocations(
    _ request: IdentityV1.GetRevocationsRequest, _ context: CallContext
  ) async throws -> IdentityV1.GetRevocationsResponse {
    IdentityV1.GetRevocationsResponse(step: try await revocationStep(after: request.afterEpoch))
  }

  /// The signed step that follows `epoch`.
  func revocationStep(after epoch: Int64) async throws -> IdentityV1.WatchRevocationsResponse {
    // Taken before the rows are read: everything committed by then is in this step or announced.
    let now = identity.clock.now()
    let known = identity.revocations.epoch
    guard epoch <= known else { throw IdentityError.epochUnknown }
    let new =
      epoch == known
      ? []
      : try await identity.database.read { db in
        try RevocationTable.list(after: epoch, limit: RevocationLimits.perStep + 1, db)
      }
    let sent = new.prefix(RevocationLimits.perStep)
    let key = try identity.signer.current(at: now)
    return try IdentityV1.WatchRevocationsResponse(
      revocations: sent.map(\.wire), epoch: sent.last?.epoch ?? epoch, asOf: now,
      more: new.count > sent.count
    ).signed(by: key.key, keyID: key.id)
  }
}

/// Bounds of the revocation feed.
enum RevocationLimits {
  /// Most revocations of one step.
  static let perStep = 1_000
  /// Time between heartbeats: half of the two seconds that are promised.
  static let heartbeat: Duration = .seconds(1)
}
