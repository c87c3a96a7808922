import Model
import SettlementDomain
import Testing

struct LargestRemainderTests {
  @Test(
    arguments: [
      (10, [6, 6, 2], [4, 4, 2]), (11, [6, 6, 2], [5, 5, 1]), (2_000_000, [80, 15, 5], nil),
      (1, [1, 1, 1], [1, 0, 0]), (2, [1, 1, 1], [1, 1, 0]), (100, [1], [100]),
      (0, [3, 4], [0, 0]),
    ] as [(Int64, [Int64], [Int64]?)])
  func knownSplits(amount: Int64, weights: [Int64], expected: [Int64]?) {
    let parts = LargestRemainder.split(amount, by: weights)
    #expect(parts == expected ?? [1_600_000, 300_000, 100_000])
  }

  @Test(arguments: [1, 2, 3, 20_241_123] as [UInt64])
  func partsSumExactlyAndAreWithinOneOfTheirShare(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for _ in 0..<2_000 {
      let amount = Int64.random(in: 0...Money.limit, using: &random)
      let weights = (0..<Int.random(in: 1...16, using: &random)).map { _ in
        Int64.random(in: 1...1_000_000, using: &random)
      }
      let parts = LargestRemainder.split(amount, by: weights)
      let total = Int128(weights.reduce(0, +))
      #expect(parts.reduce(0, +) == amount, "seed \(seed)")
      for (part, weight) in zip(parts, weights) {
        let difference = Int128(part) * total - Int128(amount) * Int128(weight)
        #expect(difference.magnitude < UInt128(total), "seed \(seed)")
      }
    }
  }

  @Test func tiesGoToTheLowestIndex() {
    for count in 1...16 {
      let weights = [Int64](repeating: 7, count: count)
      for amount in 0..<Int64(count) {
        let parts = LargestRemainder.split(amount, by: weights)
        #expect(parts == (0..<count).map { $0 < Int(amount) ? 1 : 0 })
      }
    }
  }

  @Test(arguments: [4, 5, 6] as [UInt64]) func refundsByWhatRemainsNeverTakeMore(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for _ in 0..<500 {
      var remaining = (0..<Int.random(in: 1...8, using: &random)).map { _ in
        Int64.random(in: 0...1_000, using: &random)
      }
      while remaining.reduce(0, +) > 0 {
        let refund = Int64.random(in: 1...remaining.reduce(0, +), using: &random)
        let parts = LargestRemainder.split(refund, by: remaining)
        remaining = zip(remaining, parts).map { $0 - $1 }
        #expect(remaining.allSatisfy { $0 >= 0 }, "seed \(seed)")
      }
    }
  }
}
