import Model

/// Random batches of events: mostly sound ones, with every way to be wrong among them.
struct EventGenerator {
  static let producers = ["settlement", "catalog", "identity"]
  private static let people = (1...6).map { "participant/\($0)" }

  var random: SplitMix64
  private var nextID: UInt64 = 1

  init(_ random: SplitMix64) { self.random = random }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

  mutating func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &random) }

  mutating func pick<Item>(_ items: [Item]) -> Item? { items.randomElement(using: &random) }

  mutating func subject() -> String { pick(Self.people) ?? "" }

  /// The next events of a producer.
  mutating func batch(
    of producer: String, from next: Int64, longest: Int = 4
  ) -> SimulatedLog.Batch {
    let count = Int64(chance(1) ? number(100...200) : number(1...longest))
    return SimulatedLog.Batch(
      producer: producer, events: (next..<(next + count)).map { event($0) })
  }

  private mutating func event(_ sequence: Int64) -> AuditV1.Event {
    defer { nextID += 1 }
    var event = Events.event(
      sequence, id: EventID(high: 7, low: nextID),
      kind: pick(["order.placed", "order.paid", "offer.listed"]) ?? "",
      actor: chance(80) ? subject() : "service/settlement",
      subjects: (0..<number(0...2)).map { _ in
        chance(60) ? subject() : "order/\(number(1...50))"
      }, payload: "{\"n\":\"\(number(0...9))\"}")
    event.outcome = chance(80) ? .accepted : .refused
    return event
  }

  /// The same batch with one event changed: one that is known then conflicts; one that is not has another number.
  mutating func spoilt(_ batch: SimulatedLog.Batch) -> SimulatedLog.Batch {
    var events = batch.events
    guard let place = events.indices.randomElement(using: &random) else { return batch }
    switch number(0...5) {
    case 0: events[place].kind = "order.bent"
    case 1: events[place].payload = Array("{\"bent\":\"yes\"}".utf8)
    case 2: events[place].subjects = ["order/bent"]
    case 3: events[place].time = events[place].time.adding(seconds: 1)
    case 4: events[place].producerSequence += Int64(number(1...3))
    default: events[place].producerSequence = max(1, events[place].producerSequence - 1)
    }
    return SimulatedLog.Batch(producer: batch.producer, events: events)
  }
}
