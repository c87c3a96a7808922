import Model
import RPC

/// Adds a caller's token, freshly issued by the test authority, to each call.
struct TestTokens: CallCredentials {
  let authority: TestAuthority
  let caller: TestCaller
  let audience: String
  let clock: WallClock

  func metadata(for method: MethodDescriptor) async throws -> [(String, String)] {
    let token = try authority.token(for: caller, audience: audience, now: clock.now())
    return [("authorization", "Bearer \(token)")]
  }
}
