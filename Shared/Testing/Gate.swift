import Foundation

/// Holds a body on the writer until a test lets it go on, so that requests pile up behind it.
package final class Gate: Sendable {
  private let entered = DispatchSemaphore(value: 0)
  private let opened = DispatchSemaphore(value: 0)

  package init() {}

  /// Called on the writer: announces itself and waits.
  package func pass() {
    entered.signal()
    opened.wait()
  }

  /// Returns once a body waits at the gate. Off the cooperative pool, which must not block.
  package func untilReached() async {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async { [entered] in
        entered.wait()
        continuation.resume()
      }
    }
  }

  package func open() { opened.signal() }
}
