/// Numbers for trace and span ids: SplitMix64 from a random seed. They must be unlikely to meet, not hard to guess,
/// and a system call for each would be a tenth of what a call costs.
struct TraceNumbers: RandomNumberGenerator {
  private var state = UInt64.random(in: .min ... .max)

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
    return value ^ value >> 31
  }
}
