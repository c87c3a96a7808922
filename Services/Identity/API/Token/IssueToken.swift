import Crypto
import IdentityDomain
import IdentityStore
import Model
import RPC
import ServiceRuntime
import Stubs

extension TokenHandler {
  /// Writes nothing: a token is a signed copy of what the database says, for five minutes.
  func issueToken(
    _ request: IdentityV1.IssueTokenRequest, _ context: CallContext
  ) async throws -> IdentityV1.IssueTokenResponse {
    context.disableCompression()
    let caller = try context.participant()
    guard TokenRules.audiences.contains(request.audience) else {
      throw IdentityError.audienceUnknown
    }
    let now = identity.clock.now()
    let (participant, cutoff) = try await identity.database.read { db in
      (
        try ParticipantTable.get(caller.participantID, db),
        try RevocationTable.tokenCutoff(of: caller.participantID, caller.systemID, db)
      )
    }
    try participant.requireActive()
    let issued = RevocationCutoff.issueTime(at: now, cutoff: cutoff)
    let token = AccessToken(
      participantID: caller.participantID, systemID: caller.systemID, roles: participant.roles,
      environment: participant.environment,
      certificateFingerprint: caller.certificateFingerprint, issuedAt: issued,
      expires: now.adding(seconds: TokenRules.lifetimeSeconds))
    let claims = token.claims(
      audience: request.audience, trustDomain: identity.trustDomain,
      tokenID: RequestID.make(at: now).description)
    let key = try identity.signer.current(at: now)
    return IdentityV1.IssueTokenResponse(
      accessToken: try JSONWebToken.sign(
        claims, type: JSONWebToken.accessTokenType, keyID: key.id, key: key.key),
      expireTime: token.expires)
  }
}
