package import Model
package import RPC

/// Adds a caller's token, freshly issued by the test authority, to each call.
package struct TestTokens: CallCredentials {
  let authority: TestAuthority
  let caller: TestCaller
  let audience: String
  let clock: WallClock

  package init(
    authority: TestAuthority, caller: TestCaller, audience: String, clock: WallClock
  ) {
    self.authority = authority
    self.caller = caller
    self.audience = audience
    self.clock = clock
  }

  package func metadata(for method: MethodDescriptor) async throws -> [(String, String)] {
    let token = try authority.token(for: caller, audience: audience, now: clock.now())
    return [("authorization", "Bearer \(token)")]
  }
}
