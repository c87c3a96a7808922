package import Model
import Synchronization

/// A clock that stands still until a test moves it.
package final class ManualTime: Sendable {
  private let time: Mutex<Timestamp>

  /// Starts a minute before the machine's time, so that certificates made at it, and for a minute after, are valid for
  /// TLS, which goes by the machine's time.
  package init(_ start: Timestamp = WallClock.system.now().adding(seconds: -60)) {
    time = Mutex(start)
  }

  package var now: Timestamp { time.withLock { $0 } }

  package var clock: WallClock { WallClock { self.now } }

  package func advance(seconds: Int64) {
    time.withLock { $0 = $0.adding(seconds: seconds) }
  }

  package func advance(microseconds: Int64) {
    time.withLock { $0 = $0.adding(microseconds: microseconds) }
  }
}
