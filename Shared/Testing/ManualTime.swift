package import Model
import Synchronization

/// A clock that stands still until a test moves it.
package final class ManualTime: Sendable {
  private let time: Mutex<Timestamp>

  /// Starts at the machine's time, so that certificates made from it are valid for TLS.
  package init(_ start: Timestamp = WallClock.system.now()) { time = Mutex(start) }

  package var now: Timestamp { time.withLock { $0 } }

  package var clock: WallClock { WallClock { self.now } }

  package func advance(seconds: Int64) {
    time.withLock { $0 = $0.adding(seconds: seconds) }
  }

  package func advance(microseconds: Int64) {
    time.withLock { $0 = $0.adding(microseconds: microseconds) }
  }
}
