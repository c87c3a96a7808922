import Crypto
import Model

/// RFC 6962, section 2.1, word for word: recursive, slow, and independent of the code under test.
/// The root of a range of leaves is remembered, so that hundreds of sizes can be compared.
final class ReferenceTree {
  let leaves: [[UInt8]]
  private var roots: [Range<Int>: Digest] = [:]

  init(_ leaves: [[UInt8]]) { self.leaves = leaves }

  /// As many entries as wanted, of different lengths.
  static func entries(_ count: Int) -> [[UInt8]] {
    (0..<count).map { Array("entry \($0)".utf8) + [UInt8](repeating: 7, count: $0 % 5) }
  }

  /// MTH(D[range]).
  func root(_ range: Range<Int>) -> Digest {
    if let known = roots[range] { return known }
    let root: Digest
    switch range.count {
    case 0: root = .sha256(of: [])
    case 1: root = .sha256(of: [0] + leaves[range.lowerBound])
    default:
      let middle = range.lowerBound + split(range.count)
      root = .sha256(
        of: [1] + self.root(range.lowerBound..<middle).bytes
          + self.root(middle..<range.upperBound).bytes)
    }
    roots[range] = root
    return root
  }

  /// PATH(index, D[range]).
  func path(_ index: Int, _ range: Range<Int>) -> [Digest] {
    guard range.count > 1 else { return [] }
    let middle = range.lowerBound + split(range.count)
    let (left, right) = (range.lowerBound..<middle, middle..<range.upperBound)
    return index < middle ? path(index, left) + [root(right)] : path(index, right) + [root(left)]
  }

  /// PROOF(first, D[0:second]).
  func proof(_ first: Int, _ second: Int) -> [Digest] {
    first == 0 ? [] : subproof(first, 0..<second, true)
  }

  private func subproof(_ end: Int, _ range: Range<Int>, _ isWhole: Bool) -> [Digest] {
    if end == range.upperBound { return isWhole ? [] : [root(range)] }
    let middle = range.lowerBound + split(range.count)
    let (left, right) = (range.lowerBound..<middle, middle..<range.upperBound)
    return end <= middle
      ? subproof(end, left, isWhole) + [root(right)] : subproof(end, right, false) + [root(left)]
  }

  /// The largest power of two below `count`.
  private func split(_ count: Int) -> Int {
    var power = 1
    while power * 2 < count { power *= 2 }
    return power
  }
}
