import Crypto
import GRDB
import IdentityDomain
import IdentityStore
import Model
import ServiceRuntime
import Synchronization

/// The roots and issuing authorities that count now.
struct Authorities: Sendable {
  let roots: [Certificate]
  /// Oldest first.
  let issuers: [CertificateAuthority]

  static func load(
    _ db: Database, key: DatabaseKey, at now: Timestamp
  ) throws -> Authorities {
    let rows = try AuthorityTable.list(at: now, db)
    return Authorities(
      roots: try rows.filter(\.isRoot).map { try Certificate(der: $0.certificateDER) },
      issuers: try rows.compactMap { row in
        guard let sealed = row.sealedKey else { return nil }
        return try CertificateAuthority(
          certificate: Certificate(der: row.certificateDER), key: key.open(sealed, name: row.serial)
        )
      })
  }

  var schedule: [IssuerSchedule.Issuer] {
    issuers.map {
      IssuerSchedule.Issuer(
        serial: $0.certificate.serial, notBefore: $0.certificate.notBefore,
        notAfter: $0.certificate.notAfter)
    }
  }

  /// The authority that signs at `now`. Throws `noIssuer` when all have ended.
  func issuer(at now: Timestamp) throws(IdentityError) -> CertificateAuthority {
    guard let serial = IssuerSchedule.current(schedule, at: now),
      let issuer = issuers.first(where: { $0.certificate.serial == serial })
    else { throw .noIssuer }
    return issuer
  }
}

/// The authorities as the handlers see them; replaced as a whole when they change.
final class AuthorityView: Sendable {
  private let state: Mutex<Authorities>

  init(_ authorities: Authorities) { state = Mutex(authorities) }

  var current: Authorities { state.withLock { $0 } }

  func update(_ authorities: Authorities) { state.withLock { $0 = authorities } }
}
