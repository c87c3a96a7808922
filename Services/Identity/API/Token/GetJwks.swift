import Crypto
import Model
import RPC
import Stubs

extension TokenHandler {
  func getJwks(
    _ request: IdentityV1.GetJwksRequest, _ context: CallContext
  ) async throws -> IdentityV1.GetJwksResponse {
    try identity.attempts.count(context, at: identity.clock.now())
    return IdentityV1.GetJwksResponse(jwks: identity.signer.published.text)
  }
}
