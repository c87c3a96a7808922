package import Model

/// What makes a routing table sound: every payer of a currency and environment that it names has one owner.
package enum RoutingRule {
  /// - Throws: `IdentityError.routing` for the first thing that is wrong.
  package static func check(_ partitions: [IdentityV1.Partition]) throws(IdentityError) {
    var names = Set<String>()
    for (index, partition) in partitions.enumerated() {
      guard IdentityV1.Partition.isName(partition.name), names.insert(partition.name).inserted
      else { throw .routing(.nameNotUsable, index: index) }
      for scope in partition.scopes {
        guard Currency(scope.currencyCode) != nil, scope.firstSlot <= scope.lastSlot else {
          throw .routing(.scopeInvalid, index: index)
        }
      }
    }
    try checkSlots(partitions)
  }

  /// Why a table is not accepted.
  package enum Fault: Sendable, Hashable {
    case nameNotUsable
    case scopeInvalid
    case overlap
    case gap
  }

  private struct Place: Hashable {
    let currency: String
    let environment: TypeV1.Environment
  }

  private static func checkSlots(_ partitions: [IdentityV1.Partition]) throws(IdentityError) {
    var ranges: [Place: [(range: ClosedRange<Int32>, index: Int)]] = [:]
    for (index, partition) in partitions.enumerated() {
      for scope in partition.scopes {
        let place = Place(currency: scope.currencyCode, environment: scope.environment)
        ranges[place, default: []].append((scope.firstSlot...scope.lastSlot, index))
      }
    }
    for unsorted in ranges.values {
      var next: Int32 = 0
      let owned = unsorted.sorted { $0.range.lowerBound < $1.range.lowerBound }
      for (range, index) in owned {
        if range.lowerBound < next { throw .routing(.overlap, index: index) }
        if range.lowerBound > next { throw .routing(.gap, index: index) }
        next = range.upperBound + 1
      }
      if next <= IdentityV1.PartitionScope.lastSlot {
        throw .routing(.gap, index: owned[owned.count - 1].index)
      }
    }
  }
}
