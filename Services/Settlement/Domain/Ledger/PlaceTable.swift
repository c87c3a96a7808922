import Model

/// Where things with ids stand in an array: a hash table of ids alone, with open addressing. The ledger asks it six
/// times for each transfer, and a Dictionary spends most of that on hashing.
///
/// The hash is one multiplication with secret numbers, drawn for each table, so that nobody can choose ids that collide.
struct PlaceTable<Entity>: Sendable {
  private struct Slot: Sendable {
    var id = Identifier<Entity>(high: 0, low: 0)
    /// The least number when nothing is here.
    var place = Int.min
  }
  private static var smallest: Int { 64 }
  /// As many as a power of two, at least half of them empty.
  private var slots = [Slot](repeating: Slot(), count: smallest)
  private(set) var count = 0
  private let secrets = (
    high: UInt64.random(in: .min ... .max), low: UInt64.random(in: .min ... .max)
  )

  subscript(_ id: Identifier<Entity>) -> Int? {
    let slot = slots[index(of: id)]
    return slot.place == .min ? nil : slot.place
  }

  /// - Parameter place: any number but the least.
  mutating func set(_ id: Identifier<Entity>, to place: Int) {
    let index = index(of: id)
    guard slots[index].place == .min else {
      slots[index].place = place
      return
    }
    slots[index] = Slot(id: id, place: place)
    count += 1
    if count * 2 > slots.count { resize(to: slots.count * 2) }
  }

  mutating func remove(_ id: Identifier<Entity>) {
    var hole = index(of: id)
    guard slots[hole].place != .min else { return }
    count -= 1
    // What was pushed beyond the hole moves back, so that a search never meets a gap before its id.
    var next = (hole + 1) & mask
    while slots[next].place != .min {
      let home = hash(slots[next].id) & mask
      if (next &- home) & mask >= (next &- hole) & mask {
        slots[hole] = slots[next]
        hole = next
      }
      next = (next + 1) & mask
    }
    slots[hole] = Slot()
  }

  /// Forgets all, and keeps room for as many.
  mutating func removeAll() {
    let size = Self.size(for: count)
    if size == slots.count {
      for index in slots.indices { slots[index] = Slot() }
    } else {
      slots = [Slot](repeating: Slot(), count: size)
    }
    count = 0
  }

  /// Makes room for `more` at once.
  mutating func reserve(_ more: Int) {
    let size = Self.size(for: count + more)
    if size > slots.count { resize(to: size) }
  }

  private var mask: Int { slots.count - 1 }

  /// Slots for `count` ids, half of them empty.
  private static func size(for count: Int) -> Int {
    var size = smallest
    while size < count * 2 { size *= 2 }
    return size
  }

  private mutating func resize(to size: Int) {
    let old = slots
    slots = [Slot](repeating: Slot(), count: size)
    for slot in old where slot.place != .min { slots[index(of: slot.id)] = slot }
  }

  /// Where the id is, or where it would be.
  private func index(of id: Identifier<Entity>) -> Int {
    var index = hash(id) & mask
    while slots[index].place != .min, slots[index].id != id { index = (index + 1) & mask }
    return index
  }

  private func hash(_ id: Identifier<Entity>) -> Int {
    let product = (id.high ^ secrets.high).multipliedFullWidth(by: id.low ^ secrets.low)
    return Int(truncatingIfNeeded: product.high ^ product.low)
  }
}
