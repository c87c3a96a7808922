/// Exact division of an amount: every unit goes to somebody, and nobody is off by a whole one.
package enum LargestRemainder {
  /// Parts of `amount` in proportion to `weights`, which sum to it exactly. Each is its share rounded
  /// down; the units that remain go to the largest remainders, ties to the lowest index. Products
  /// are taken in 128 bits.
  ///
  /// No part exceeds its weight when `amount` does not exceed the sum of the weights: so a refund
  /// weighted by what each receiver still has to give never takes more than that.
  ///
  /// - Precondition: amount and weights are not negative, and the sum of the weights is positive
  ///   and below 2⁶³.
  package static func split(_ amount: Int64, by weights: [Int64]) -> [Int64] {
    precondition(amount >= 0 && weights.allSatisfy { $0 >= 0 }, "nothing negative can be split")
    let total = weights.reduce(0, +)
    precondition(total > 0, "an amount needs somebody to go to")
    var parts: [Int64] = []
    var remainders: [Int64] = []
    for weight in weights {
      let (part, remainder) = total.dividingFullWidth(amount.multipliedFullWidth(by: weight))
      parts.append(part)
      remainders.append(remainder)
    }
    let left = Int(amount - parts.reduce(0, +))
    let order = weights.indices.sorted { left, right in
      remainders[left] == remainders[right] ? left < right : remainders[left] > remainders[right]
    }
    for index in order.prefix(left) { parts[index] += 1 }
    return parts
  }
}
