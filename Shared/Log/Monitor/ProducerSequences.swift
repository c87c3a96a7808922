/// How far each producer's events have come: their numbers are 1, 2, 3 without a gap.
struct ProducerSequences: Sendable, Equatable {
  /// Each producer's next number.
  private(set) var next: [String: Int64] = [:]

  init(_ next: [String: Int64] = [:]) { self.next = next }

  /// Takes in the entry at `index`, and says what is wrong with it. After a gap the numbers go on behind it.
  mutating func take(_ entry: [UInt8], at index: Int) -> LogAlarm? {
    guard let body = try? EntryBody(entry) else { return .malformedEntry(index: index) }
    let (expected, found) = (next[body.producer] ?? 1, body.producerSequence)
    if found < expected {
      return .repeated(producer: body.producer, expected: expected, found: found, index: index)
    }
    next[body.producer] = found == .max ? found : found + 1
    guard found > expected else { return nil }
    return .gap(producer: body.producer, expected: expected, found: found, index: index)
  }
}
