import Crypto
package import Model
package import RPC
import Stubs

/// Keeps a profile's certificate fresh: renewed once half of its life is over.
package struct CredentialRenewal: Sendable {
  /// How far before its issue a certificate starts, so that clocks may differ.
  private let backdateSeconds: Int64 = 60
  private let clock: WallClock

  package init(clock: WallClock = .system) {
    self.clock = clock
  }

  /// When a certificate should be renewed.
  package static func dueTime(of certificate: (notBefore: Timestamp, notAfter: Timestamp))
    -> Timestamp
  {
    certificate.notBefore.adding(
      microseconds: (certificate.notAfter.microseconds - certificate.notBefore.microseconds) / 2)
  }

  /// Whether half of the life of the profile's certificate is over.
  package func isDue(_ profile: Profile) -> Bool {
    clock.now()
      >= Self.dueTime(of: (profile.certificate.notBefore, profile.certificate.notAfter))
  }

  /// Has the key certified anew over `channel` to identity and saves the profile. The wish for a
  /// lifetime is that of the certificate before.
  package func renew(_ profile: Profile, over channel: RPCChannel) async throws -> Profile {
    let life =
      profile.certificate.notAfter.microseconds - profile.certificate.notBefore.microseconds
    let response = try await CredentialServiceClient(channel).renewCredential(
      IdentityV1.RenewCredentialRequest(
        requestID: .make(at: clock.now()),
        signingRequest: try CertificateSigningRequest(key: profile.key).der,
        lifetimeSeconds: Int32(clamping: min(86_400, life / 1_000_000 - backdateSeconds))))
    let chain = try IssuedChain.verify(
      response.certificateChain, for: profile.key, anchors: profile.anchors, at: clock.now())
    guard chain[0].spiffeID == profile.certificate.spiffeID else {
      throw ClientError.verification(.certificate(reason: "it names another holder"))
    }
    let renewed = try profile.replacingChain(chain)
    try renewed.save()
    return renewed
  }
}
