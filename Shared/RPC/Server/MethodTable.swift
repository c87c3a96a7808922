/// A server's methods, found by the bytes of `:path` without making a String of them. Paths have case.
struct MethodTable: Sendable {
  private struct Entry {
    let path: [UInt8]
    let method: RegisteredMethod
  }

  /// A power of two, at most half full. The paths in it are the server's own, so that no caller can choose
  /// what collides.
  private var slots: [Entry?]

  /// Of methods with the same path the last one counts.
  init(_ methods: [RegisteredMethod]) {
    var count = 8
    while count < methods.count * 2 { count *= 2 }
    slots = Array(repeating: nil, count: count)
    for method in methods {
      let path = Array(method.descriptor.path.utf8)
      let index = path.withUnsafeBytes { slot(of: $0) }
      slots[index] = Entry(path: path, method: method)
    }
  }

  subscript(path: UnsafeRawBufferPointer) -> RegisteredMethod? { slots[slot(of: path)]?.method }

  /// Where the path is, or the empty slot where it would be.
  private func slot(of path: UnsafeRawBufferPointer) -> Int {
    let mask = slots.count - 1
    var slot = Self.hash(path) & mask
    while let entry = slots[slot], !entry.path.withUnsafeBytes({ $0.equals(path) }) {
      slot = (slot + 1) & mask
    }
    return slot
  }

  private static func hash(_ path: UnsafeRawBufferPointer) -> Int {
    let multiplier: UInt64 = 0x9e37_79b9_7f4a_7c15
    var hash = UInt64(path.count)
    var position = 0
    while position + 8 <= path.count {
      hash = (hash ^ path.loadUnaligned(fromByteOffset: position, as: UInt64.self)) &* multiplier
      hash ^= hash >> 32
      position += 8
    }
    while position < path.count {
      hash = (hash ^ UInt64(path[position])) &* multiplier
      position += 1
    }
    return Int(truncatingIfNeeded: hash >> 32)
  }
}
