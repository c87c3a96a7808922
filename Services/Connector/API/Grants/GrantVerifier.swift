import ConnectorDomain
import Crypto
import Model
import RPC
import ServiceRuntime

/// Checks grants without asking anyone, unless one names a key that is not known yet.
struct GrantVerifier: Sendable {
  let provider: ParticipantID
  let keys: GrantKeys
  let clock: WallClock

  /// The grant, if it is settlement's, for this provider, live, and the caller's.
  /// Throws `ConnectorError`.
  func verify(_ token: String, presentedIn context: CallContext) async throws -> DeliveryGrant {
    guard case .participant(let caller) = context.caller else {
      throw ConnectorError.grantOfAnother
    }
    let grant = try await verify(token)
    try GrantRules.check(
      grant,
      presentedBy: GrantRules.Holder(
        participantID: caller.participantID,
        certificateFingerprint: caller.certificateFingerprint))
    return grant
  }

  private func verify(_ token: String) async throws -> DeliveryGrant {
    if let known = await keys.known {
      do {
        return try check(token, known)
      } catch ConnectorError.grantInvalid(rule: "unknown key") {
        // A key made since the last refresh.
      }
    }
    try? await keys.refreshIfDue()
    guard let fresh = await keys.known else { throw ConnectorError.grantKeysUnavailable }
    return try check(token, fresh)
  }

  private func check(_ token: String, _ keys: JSONWebKeySet) throws(ConnectorError) -> DeliveryGrant
  {
    do {
      return try DeliveryGrant.verify(token, provider: provider, keys: keys, at: clock.now())
    } catch CryptoError.tokenRefused("expired") {
      throw .grantExpired
    } catch CryptoError.tokenRefused(let rule) {
      throw .grantInvalid(rule: rule)
    } catch {
      throw .grantInvalid(rule: "malformed")
    }
  }
}
