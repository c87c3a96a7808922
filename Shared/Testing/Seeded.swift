import Foundation
import Synchronization

/// SplitMix64 (Steele, Lea, Flood 2014): the same seed gives the same run.
package struct Seeded: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// Moments picked by chance, for tests that interfere at another one each time. The seed is printed;
/// `NDX_SEED` repeats its run.
package final class RandomMoments: Sendable {
  private let random: Mutex<Seeded>

  package init() {
    let given = ProcessInfo.processInfo.environment["NDX_SEED"].flatMap(UInt64.init)
    let seed = given ?? .random(in: .min ... .max)
    print("NDX_SEED=\(seed)")
    random = Mutex(Seeded(seed: seed))
  }

  /// The next delay, between none and this one.
  package func next(upTo longest: Duration) -> Duration {
    random.withLock { longest * (Double(Int.random(in: 0...1_000_000, using: &$0)) / 1_000_000) }
  }
}
