import Synchronization

/// The credentials in use now. Replacing them affects new connections; open ones stay.
/// One store may serve a server and the channels of the same process.
package final class TLSContextStore: Sendable {
  private let state: Mutex<TLSCredentials>

  /// Throws when the chain, key or anchors do not parse or do not belong together.
  package init(_ credentials: TLSCredentials) throws {
    state = Mutex(credentials)
  }

  /// Replaces the credentials, or throws and keeps the old ones.
  package func reload(_ credentials: TLSCredentials) throws {
    state.withLock { $0 = credentials }
  }

  package var credentials: TLSCredentials { state.withLock { $0 } }
}
