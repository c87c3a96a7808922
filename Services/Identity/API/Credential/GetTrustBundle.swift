import Crypto
import Model
import RPC
import Stubs

extension CredentialHandler {
  func getTrustBundle(
    _ request: IdentityV1.GetTrustBundleRequest, _ context: CallContext
  ) async throws -> IdentityV1.GetTrustBundleResponse {
    try identity.attempts.count(context, at: identity.clock.now())
    let authorities = identity.authorities.current
    return IdentityV1.GetTrustBundleResponse(
      trustDomain: identity.trustDomain, roots: authorities.roots.map(\.der),
      issuers: authorities.issuers.suffix(8).map(\.certificate.der))
  }
}
