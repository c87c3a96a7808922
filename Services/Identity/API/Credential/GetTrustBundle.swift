import Crypto
import IdentityStore
import Model
import RPC
import ServiceRuntime
import Stubs

extension CredentialHandler {
  func getTrustBundle(
    _ request: IdentityV1.GetTrustBundleRequest, _ context: CallContext
  ) async throws -> IdentityV1.GetTrustBundleResponse {
    try identity.attempts.count(context, at: identity.clock.now())
    let authorities = identity.authorities.current
    let routing = try await identity.database.read { try RoutingTableStore.current($0) }
    return IdentityV1.GetTrustBundleResponse(
      trustDomain: identity.trustDomain, roots: authorities.roots.map(\.der),
      issuers: authorities.issuers.suffix(8).map(\.certificate.der), routing: routing)
  }
}
