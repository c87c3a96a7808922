import Synchronization

/// What all connections of a server together may hold of messages: requests that are still arriving or not yet
/// taken by their handler, and answers that wait for the reader.
final class MessageMemory: Sendable {
  private let limit: Int
  private let lent = Atomic(0)

  init(limit: Int) { self.limit = limit }

  /// Lends in any case; false when there is more lent than there is.
  fileprivate func lend(_ count: Int) -> Bool {
    lent.add(count, ordering: .relaxed).newValue <= limit
  }

  fileprivate func takeBack(_ count: Int) { lent.subtract(count, ordering: .relaxed) }
}

/// One connection's part of `MessageMemory`. Borrows in large steps and what is beyond a small amount, so that calls of ordinary
/// size do not touch what the connections share.
struct HeldBytes {
  private static let ownBytes = 64 << 10
  private static let stepBytes = 256 << 10

  private let limit: Int
  private let memory: MessageMemory
  private(set) var count = 0
  private var borrowed = 0
  private var isShort = false

  init(limit: Int, of memory: MessageMemory) {
    self.limit = limit
    self.memory = memory
  }

  /// More or fewer bytes are held; false when they are too many.
  mutating func change(by difference: Int) -> Bool {
    count += difference
    let wanted = count - Self.ownBytes
    if wanted > borrowed {
      let steps = (wanted - borrowed + Self.stepBytes - 1) / Self.stepBytes
      borrowed += steps * Self.stepBytes
      isShort = !memory.lend(steps * Self.stepBytes)
    } else if borrowed > 0, wanted <= 0 {
      giveBack()
    }
    return count <= limit && !isShort
  }

  /// The connection has ended.
  mutating func giveBack() {
    memory.takeBack(borrowed)
    borrowed = 0
    isShort = false
  }
}
