import Synchronization

/// What a server sends along with its responses. One that is passed in `CallOptions` learns it, of the last attempt
/// when a call is repeated.
package final class ReceivedMetadata: Sendable {
  private struct State {
    var initial = Metadata()
    var trailing = Metadata()
  }

  private let state = Mutex(State())

  package init() {}

  /// The server's own header fields; there at the latest with the first response.
  package var initial: Metadata { state.withLock(\.initial) }
  /// The server's own trailer fields; there when the call has ended, in failure too.
  package var trailing: Metadata { state.withLock(\.trailing) }

  func set(initial: Metadata, trailing: Metadata) {
    state.withLock { $0 = State(initial: initial, trailing: trailing) }
  }
}
