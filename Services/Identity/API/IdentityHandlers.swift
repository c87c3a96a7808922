import Crypto
import IdentityDomain
import IdentityStore
import Model
import RPC
import ServiceRuntime
import Stubs
import Synchronization

/// What identity's handlers share.
struct IdentityHandlers: Sendable {
  let transactor: Transactor
  let authorities: AuthorityView
  let signer: TokenSigner
  let revocations: RevocationView
  let trustDomain: String
  let attempts = AttemptCounter()

  var database: ServiceDatabase { transactor.database }
  var clock: WallClock { transactor.clock }
  var issuance: CertificateIssuance {
    CertificateIssuance(authorities: authorities.current, trustDomain: trustDomain)
  }

  /// All methods of identity.
  var methods: [RegisteredMethod] {
    ParticipantHandler(identity: self).methods + AccessHandler(identity: self).methods
      + CredentialHandler(identity: self).methods + TokenHandler(identity: self).methods
      + RoutingHandler(identity: self).methods + ConsentHandler(identity: self).methods
  }
}

/// Counts the calls of peers without a certificate.
final class AttemptCounter: Sendable {
  private let limiter = Mutex(AttemptLimiter())

  /// Throws `tooManyAttempts`. Peers with a certificate are not limited here.
  func count(_ context: CallContext, at now: Timestamp) throws(IdentityError) {
    guard context.peer.certificate == nil else { return }
    let address = context.peer.address
    let host = address.lastIndex(of: ":").map { String(address[..<$0]) } ?? address
    let refusal: IdentityError? = limiter.withLock { limiter in
      do throws(IdentityError) {
        try limiter.attempt(from: host, at: now)
        return nil
      } catch {
        return error
      }
    }
    if let refusal { throw refusal }
  }
}

extension CallContext {
  /// The participant that calls. Methods that ask for one are open to no one else.
  func participant() throws(AccessError) -> ParticipantCaller {
    guard case .participant(let caller) = caller else { throw .roleRequired }
    return caller
  }
}

/// Calls of `ParticipantService`.
struct ParticipantHandler: ParticipantServiceHandler {
  let identity: IdentityHandlers
}

/// Calls of `AccessService`.
struct AccessHandler: AccessServiceHandler {
  let identity: IdentityHandlers
}

/// Calls of `CredentialService`.
struct CredentialHandler: CredentialServiceHandler {
  let identity: IdentityHandlers
}

/// Calls of `RoutingService`.
struct RoutingHandler: RoutingServiceHandler {
  let identity: IdentityHandlers
}

/// Calls of `TokenService`.
struct TokenHandler: TokenServiceHandler {
  let identity: IdentityHandlers
}
