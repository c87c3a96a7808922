import Model

@testable import RPC

/// One byte is the limit of a message in steps of 16, the next says whether gzip was agreed on and seeds the cuts, the
/// others are what a stream carries.
enum PrefixLaw {
  private struct Message: Equatable {
    let bytes: [UInt8]
    let isCompressed: Bool
  }

  private struct Outcome: Equatable {
    var messages: [Message] = []
    var fault: MessageFault?
    var isBetweenMessages = true
  }

  private struct Agreement {
    let limit: Int
    let acceptsGzip: Bool
  }

  static func check(_ bytes: [UInt8]) throws {
    var input = FuzzInput(bytes)
    let limit = Int(input.byte()) * 16
    let seed = input.byte()
    let agreement = Agreement(limit: limit, acceptsGzip: seed & 1 == 1)
    var numbers = SplitMix64(seed: UInt64(seed))
    let stream = Array(input.rest)
    let whole = read(stream, agreement) { $0 }
    try require(whole == expected(stream, agreement), "the reader and the specification differ")
    try require(read(stream, agreement) { _ in 1 } == whole, "single bytes read differently")
    let pieces = read(stream, agreement) { _ in Int.random(in: 0...40, using: &numbers) }
    try require(pieces == whole, "pieces read differently")
    for message in whole.messages {
      try message.isCompressed ? inflate(message.bytes, limit) : deflate(message.bytes)
    }
  }

  /// What the reader makes of the stream when it comes in pieces of the sizes that `size` gives.
  private static func read(
    _ stream: [UInt8], _ agreement: Agreement, size: (Int) -> Int
  ) -> Outcome {
    var reader = MessageReader(maximumBytes: agreement.limit)
    reader.acceptsGzip = agreement.acceptsGzip
    var outcome = Outcome()
    var start = 0
    while start < stream.count, outcome.fault == nil {
      let end = min(stream.count, start + size(stream.count))
      outcome.fault = Array(stream[start..<end]).withUnsafeBytes { bytes -> MessageFault? in
        do throws(MessageFault) {
          try reader.read(bytes) {
            outcome.messages.append(Message(bytes: $0.bytes, isCompressed: $0.gzipLimit != nil))
          }
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
  private static func expected(_ stream: [UInt8], _ agreement: Agreement) -> Outcome {
    var outcome = Outcome()
    var rest = stream[...]
    while rest.count >= 5 {
      let flag = rest[rest.startIndex]
      let length = rest.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) }
      guard flag <= 1 else {
        outcome.fault = .invalidFlag(flag)
        return outcome
      }
      guard flag == 0 || agreement.acceptsGzip else {
        outcome.fault = .compressed
        return outcome
      }
      guard length <= agreement.limit else {
        outcome.fault = .tooLong(announced: length, limit: agreement.limit)
        return outcome
      }
      guard rest.count >= 5 + length else { break }
      outcome.messages.append(
        Message(bytes: Array(rest.dropFirst(5).prefix(length)), isCompressed: flag == 1))
      rest = rest.dropFirst(5 + length)
    }
    outcome.isBetweenMessages = rest.isEmpty
    return outcome
  }

  /// A bomb is refused, and what is not is one whole member: with a byte more or less it is not taken.
  private static func inflate(_ compressed: [UInt8], _ limit: Int) throws {
    do throws(MessageFault) {
      let original = try Gzip.decompress(compressed, limit: limit)
      guard original.count <= limit else { throw .tooLong(announced: original.count, limit: -1) }
    } catch {
      switch error {
      case .corrupt, .tooLong(_, limit): return
      default: throw BrokenLaw(description: "decompression ends in \(error)")
      }
    }
    for altered in [compressed + [0], Array(compressed.dropLast())] {
      let message = try? Gzip.decompress(altered, limit: limit)
      try require(message == nil, "an altered message is decompressed")
    }
  }

  private static func deflate(_ original: [UInt8]) throws {
    guard let compressed = original.withUnsafeBytes({ Gzip.compress($0, reserving: 0) }) else {
      return
    }
    try require(compressed.count < original.count, "compression makes a message longer")
    let again = try? Gzip.decompress(compressed, limit: original.count)
    try require(again == original, "a message changes when it is compressed")
    let short = try? Gzip.decompress(compressed, limit: original.count - 1)
    try require(short == nil, "a message above the limit is decompressed")
  }
}
