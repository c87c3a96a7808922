/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed, everywhere, at the cost of a few instructions.
/// For tests that must be repeatable, and for numbers that must be unlikely to meet but may be guessed; never for secrets.
package struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
    return word ^ word >> 31
  }
}
