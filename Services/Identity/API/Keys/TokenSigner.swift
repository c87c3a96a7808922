import Crypto
import GRDB
import IdentityDomain
import IdentityStore
import Model
import ServiceRuntime
import Synchronization

/// The keys that sign tokens and the revocation feed, as the handlers see them.
final class TokenSigner: Sendable {
  struct Key: Sendable {
    let id: String
    let key: P256PrivateKey
  }

  private struct State {
    var signing: [(id: String, created: Timestamp, key: P256PrivateKey)] = []
    var published = JSONWebKeySet(keys: [:])
  }
  private let state = Mutex(State())
  private let databaseKey: DatabaseKey

  init(databaseKey: DatabaseKey) { self.databaseKey = databaseKey }

  /// What `GetJwks` publishes.
  var published: JSONWebKeySet { state.withLock { $0.published } }

  /// The key that signs at `now`. Throws `noIssuer` when the rotation has stopped.
  func current(at now: Timestamp) throws(IdentityError) -> Key {
    let keys = state.withLock { $0.signing }
    guard
      let id = SigningKeySchedule.current(keys.map { (id: $0.id, created: $0.created) }, at: now),
      let found = keys.first(where: { $0.id == id })
    else { throw .noIssuer }
    return Key(id: id, key: found.key)
  }

  /// Brings the stored keys to what the schedule asks for: makes the next one, forgets private halves
  /// that sign no more and keys that are published no more.
  func rotate(_ db: Database, at now: Timestamp) throws -> [SigningKeyRow] {
    for row in try SigningKeyTable.list(db) {
      if !SigningKeySchedule.isPublished(created: row.createTime, at: now) {
        try SigningKeyTable.delete(row.id, db)
      } else if row.sealedKey != nil,
        row.createTime.adding(seconds: SigningKeySchedule.signingSeconds) <= now
      {
        try SigningKeyTable.erasePrivate(row.id, db)
      }
    }
    let created = try SigningKeyTable.list(db).map(\.createTime)
    if SigningKeySchedule.needsKey(created: created, at: now) {
      let key = try P256PrivateKey.generate()
      let id = key.publicKey.thumbprint
      try SigningKeyTable.insert(
        SigningKeyRow(
          id: id, publicKey: key.publicKey.subjectPublicKeyInfo,
          sealedKey: try databaseKey.seal(key, name: id), createTime: now), db)
    }
    return try SigningKeyTable.list(db)
  }

  /// Takes over what is stored.
  func adopt(_ rows: [SigningKeyRow]) throws {
    var keys: [String: P256PublicKey] = [:]
    for row in rows { keys[row.id] = try P256PublicKey(subjectPublicKeyInfo: row.publicKey) }
    let signing = try rows.compactMap { row in
      try row.sealedKey.map {
        (id: row.id, created: row.createTime, key: try databaseKey.open($0, name: row.id))
      }
    }
    let published = JSONWebKeySet(keys: keys)
    state.withLock { state in
      state.signing = signing
      state.published = published
    }
  }
}
