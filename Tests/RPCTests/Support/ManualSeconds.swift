import Synchronization

/// Seconds that a test moves by hand.
final class ManualSeconds: Sendable {
  private let state = Mutex<Int64>(0)
  var value: Int64 {
    get { state.withLock { $0 } }
    set { state.withLock { $0 = newValue } }
  }
}
