@testable import RPC

/// One byte is the limit of a message in steps of 16, one seeds the cuts, the others are what a stream carries.
enum PrefixLaw {
  private struct Outcome: Equatable {
    var messages: [[UInt8]] = []
    var fault: MessageFault?
    var isBetweenMessages = true
  }

  static func check(_ bytes: [UInt8]) throws {
    var input = FuzzInput(bytes)
    let limit = Int(input.byte()) * 16
    var numbers = SeededNumbers(seed: UInt64(input.byte()))
    let stream = Array(input.rest)
    let whole = read(stream, limit: limit) { $0 }
    try require(whole == expected(stream, limit: limit), "the reader and the specification differ")
    try require(read(stream, limit: limit) { _ in 1 } == whole, "single bytes read differently")
    let pieces = read(stream, limit: limit) { _ in Int.random(in: 0...40, using: &numbers) }
    try require(pieces == whole, "pieces read differently")
  }

  /// What the reader makes of the stream when it comes in pieces of the sizes that `size` gives.
  private static func read(
    _ stream: [UInt8], limit: Int, size: (Int) -> Int
  ) -> Outcome {
    var reader = MessageReader(maximumBytes: limit)
    var outcome = Outcome()
    var start = 0
    while start < stream.count, outcome.fault == nil {
      let end = min(stream.count, start + size(stream.count))
      outcome.fault = Array(stream[start..<end]).withUnsafeBytes { bytes -> MessageFault? in
        do throws(MessageFault) {
          try reader.read(bytes) { outcome.messages.append($0.bytes) }
          return nil
        } catch {
          return error
        }
      }
      start = end
    }
    outcome.isBetweenMessages = outcome.fault != nil || reader.isBetweenMessages
    return outcome
  }

  /// The same by the words of the specification, with everything at hand.
  private static func expected(_ stream: [UInt8], limit: Int) -> Outcome {
    var outcome = Outcome()
    var rest = stream[...]
    while rest.count >= 5 {
      let flag = rest[rest.startIndex]
      let length = rest.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) }
      guard flag <= 1 else {
        outcome.fault = .invalidFlag(flag)
        return outcome
      }
      guard flag == 0 else {
        outcome.fault = .compressed
        return outcome
      }
      guard length <= limit else {
        outcome.fault = .tooLong(announced: length, limit: limit)
        return outcome
      }
      guard rest.count >= 5 + length else { break }
      outcome.messages.append(Array(rest.dropFirst(5).prefix(length)))
      rest = rest.dropFirst(5 + length)
    }
    outcome.isBetweenMessages = rest.isEmpty
    return outcome
  }
}
