import Foundation
import Model
import Synchronization

/// Moments picked by chance, for tests that interfere at another one each time. The seed is printed;
/// `NDX_SEED` repeats its run.
package final class RandomMoments: Sendable {
  private let random: Mutex<SplitMix64>

  /// A seed for one test: another one each time, printed, unless `NDX_SEED` repeats one.
  package static var seed: UInt64 {
    let given = ProcessInfo.processInfo.environment["NDX_SEED"].flatMap(UInt64.init)
    let seed = given ?? .random(in: .min ... .max)
    print("NDX_SEED=\(seed)")
    return seed
  }

  package init() { random = Mutex(SplitMix64(seed: Self.seed)) }

  /// The next delay, between none and this one.
  package func next(upTo longest: Duration) -> Duration {
    random.withLock { longest * (Double(Int.random(in: 0...1_000_000, using: &$0)) / 1_000_000) }
  }
}
