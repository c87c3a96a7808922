import Crypto
package import Model
import Synchronization

/// Verifies access tokens for one service, each only once: what was verified is remembered by the
/// token's digest until it expires or the keys change.
package final class TokenVerifier: Sendable {
  private let cache = Mutex(TokenCache())
  private let audience: String
  private let trustDomain: String
  private let keys: KeySetView

  package init(audience: String, trustDomain: String, keys: KeySetView) {
    self.audience = audience
    self.trustDomain = trustDomain
    self.keys = keys
  }

  /// - Throws: `tokenExpired`, or `tokenInvalid` for anything else that is wrong with it: signature,
  ///   form, issuer, audience, or bound to another certificate than `fingerprint`.
  package func verify(
    _ token: some StringProtocol, presentedWith fingerprint: Digest, at now: Timestamp
  ) throws(AccessError) -> AccessToken {
    guard token.utf8.count <= JSONWebToken.limit else { throw .tokenInvalid }
    let digest = Digest.sha256(of: token.utf8)
    let (keys, generation) = keys.current
    let known = remembered(digest, generation)
    let verified: AccessToken
    if let known { verified = known } else { verified = try check(token, keys, now) }
    guard now < verified.expires else { throw .tokenExpired }
    guard verified.certificateFingerprint == fingerprint else { throw .tokenInvalid }
    if known == nil { remember(verified, digest, generation) }
    return verified
  }

  private func check(
    _ token: some StringProtocol, _ keys: JSONWebKeySet, _ now: Timestamp
  ) throws(AccessError) -> AccessToken {
    do {
      let claims = try JSONWebToken.verify(
        token,
        expecting: JSONWebToken.Expectation(
          type: JSONWebToken.accessTokenType, issuer: AccessToken.issuer(in: trustDomain),
          audience: audience),
        keys: keys, at: now)
      if let verified = AccessToken(claims, trustDomain: trustDomain) { return verified }
    } catch CryptoError.tokenRefused("expired") {
      throw .tokenExpired
    } catch {
      throw .tokenInvalid
    }
    throw .tokenInvalid
  }

  private func remembered(_ digest: Digest, _ generation: Int) -> AccessToken? {
    cache.withLock { cache -> AccessToken? in
      guard cache.keyGeneration == generation else {
        cache = TokenCache(keyGeneration: generation)
        return nil
      }
      if let token = cache.young[digest] { return token }
      guard let token = cache.old.removeValue(forKey: digest) else { return nil }
      cache.insert(token, digest, limit: TokenLimits.remembered)
      return token
    }
  }

  private func remember(_ token: AccessToken, _ digest: Digest, _ generation: Int) {
    cache.withLock { cache in
      guard cache.keyGeneration == generation else { return }
      cache.insert(token, digest, limit: TokenLimits.remembered)
    }
  }
}

/// Verified tokens in two generations: when the young one is full it becomes the old one, and what
/// was not used since is dropped.
private struct TokenCache {
  var young: [Digest: AccessToken] = [:]
  var old: [Digest: AccessToken] = [:]
  var keyGeneration = -1

  mutating func insert(_ token: AccessToken, _ digest: Digest, limit: Int) {
    if young.count >= limit {
      old = young
      young = [:]
    }
    young[digest] = token
  }
}
