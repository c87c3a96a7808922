import COpenSSL
import Synchronization

/// What is needed to resume one session. It is never changed.
///
/// Unchecked: OpenSSL counts references atomically, and changes a session only while it makes it.
final class TLSSession: @unchecked Sendable {
  let pointer: OpaquePointer

  /// A copy, which does not become void when the connection breaks; nil when there is no memory.
  init?(copying session: OpaquePointer) {
    guard let pointer = SSL_SESSION_dup(session) else { return nil }
    self.pointer = pointer
  }

  deinit { SSL_SESSION_free(pointer) }

  /// What its ticket is, when it is a server's.
  var id: [UInt8] {
    var count: UInt32 = 0
    let bytes = SSL_SESSION_get_id(pointer, &count)
    return Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
  }

  /// Whether the peer's certificate has not expired.
  var hasValidPeer: Bool {
    guard let peer = SSL_SESSION_get0_peer(pointer) else { return false }
    return X509_cmp_current_time(X509_get0_notAfter(peer)) > 0
  }
}

/// The sessions that may be resumed: a server's by their id, a client's by target. Each is given out once
/// (RFC 8446, 8.1 and C.4).
final class SessionCache: Sendable {
  /// The oldest go first. A session takes some 15 KiB.
  static let limit = 512
  /// Under one key: a client has few connections to a target.
  static let limitPerKey = 2

  private let entries = Mutex<[(key: [UInt8], session: TLSSession)]>([])

  func add(_ session: TLSSession, for key: [UInt8]) {
    entries.withLock { entries in
      if entries.count(where: { $0.key == key }) >= Self.limitPerKey,
        let oldest = entries.firstIndex(where: { $0.key == key })
      {
        entries.remove(at: oldest)
      } else if entries.count >= Self.limit {
        entries.removeFirst()
      }
      entries.append((key, session))
    }
  }

  /// The newest session under the key whose peer's certificate still counts.
  func take(for key: [UInt8]) -> TLSSession? {
    entries.withLock { entries in
      while let index = entries.lastIndex(where: { $0.key == key }) {
        let session = entries.remove(at: index).session
        if session.hasValidPeer { return session }
      }
      return nil
    }
  }

  var count: Int { entries.withLock { $0.count } }
}
