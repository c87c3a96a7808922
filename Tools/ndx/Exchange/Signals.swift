@preconcurrency import Dispatch
import Glibc

/// Signals as events.
enum Signals {
  /// Delivers each of these signals instead of its usual effect, until the stream is dropped.
  static func stream(_ signals: [Int32]) -> AsyncStream<Int32> {
    AsyncStream { continuation in
      let sources = signals.map { number in
        signal(number, number == SIGCHLD ? SIG_DFL : SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler { continuation.yield(number) }
        source.resume()
        return source
      }
      continuation.onTermination = { _ in sources.forEach { $0.cancel() } }
    }
  }
}
