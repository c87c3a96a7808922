import Crypto
package import Model
package import RPC
import Stubs

/// The access tokens of a profile, one per service, fetched when needed and kept in memory and in
/// `tokens.json` (0600) so that the next command need not ask again.
package actor AccessTokens {
  private struct Token: Codable {
    var text: String
    var expireTime: Timestamp
  }

  /// Tokens are bound to a certificate: those of another one are of no use.
  private struct Cache: Codable {
    var fingerprint: Digest
    var tokens: [String: Token] = [:]
  }

  /// A token this close to its end is replaced.
  private static let marginSeconds: Int64 = 30

  private let path: String
  private let identity: RPCChannel
  private let clock: WallClock
  private var cache: Cache

  /// - Parameter identity: a channel that presents the certificate with this fingerprint.
  package init(
    directory: String, fingerprint: Digest, identity: RPCChannel, clock: WallClock = .system
  ) {
    path = directory + "/tokens.json"
    self.identity = identity
    self.clock = clock
    cache = Cache(fingerprint: fingerprint)
    if let bytes = try? KeyFile.read(path),
      let stored = try? ProtoJSON.decode(Cache.self, from: bytes), stored.fingerprint == fingerprint
    {
      cache = stored
    }
  }

  /// A token for a service ("catalog") that is good for some time yet. Throws what IssueToken throws.
  package func token(for audience: String) async throws -> String {
    if let token = cache.tokens[audience],
      clock.now().adding(seconds: Self.marginSeconds) < token.expireTime
    {
      return token.text
    }
    let response = try await TokenServiceClient(identity).issueToken(
      IdentityV1.IssueTokenRequest(requestID: .make(at: clock.now()), audience: audience))
    cache.tokens[audience] = Token(text: response.accessToken, expireTime: response.expireTime)
    try KeyFile.write(try ProtoJSON.text(of: cache), to: path)
    return response.accessToken
  }

  /// Forgets the tokens of a folder: they may lack roles that were given since, or be refused.
  package static func discard(in directory: String) throws {
    try LocalFile.remove(directory + "/tokens.json")
  }
}

/// Adds the caller's language and, where the method needs one, the token for one service.
struct TokenCredentials: CallCredentials {
  let tokens: AccessTokens
  let audience: String
  let language: Language

  func metadata(for method: MethodDescriptor) async throws -> [(String, String)] {
    var fields = [("accept-language", language.rawValue)]
    if !method.access.certificate {
      fields.append(("authorization", "Bearer \(try await tokens.token(for: audience))"))
    }
    return fields
  }
}

/// Adds the caller's language alone: for callers that the certificate tells enough about.
struct LanguageCredentials: CallCredentials {
  let language: Language

  func metadata(for method: MethodDescriptor) async throws -> [(String, String)] {
    [("accept-language", language.rawValue)]
  }
}
