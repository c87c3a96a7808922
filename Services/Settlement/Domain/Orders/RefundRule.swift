/// How a refund is divided among those who share in a price.
package enum RefundRule {
  /// What each gives back of `amount`: largest remainder over what each has left to give.
  ///
  /// Repeated refunds are each divided over what then remains, so the sum is exact every time, no one
  /// gives more than its part, and what was given never comes back. The difference of two splits
  /// would do neither: weights 6:6:2 split 10 into 4, 4, 2, but 11 into 5, 5, 1.
  ///
  /// - Precondition: `amount` is not negative and at most the sum of `remaining`.
  package static func divide(_ amount: Int64, over remaining: [Int64]) -> [Int64] {
    let sum = remaining.reduce(0, +)
    precondition(amount >= 0 && amount <= sum, "no more goes back than is left")
    guard sum > 0 else { return remaining.map { _ in 0 } }
    return LargestRemainder.split(amount, by: remaining)
  }

  /// What is left to each of `parts` when `refund` of their sum goes back.
  package static func rest(of parts: [Int64], after refund: Int64) -> [Int64] {
    zip(parts, divide(refund, over: parts)).map { $0 - $1 }
  }
}
