import Crypto
import Model

/// Events for tests.
enum Events {
  /// Number `sequence` of a producer: an order being placed by a participant.
  static func event(
    _ sequence: Int64, id: EventID? = nil, kind: String = "order.placed",
    actor: String = "participant/buyer", subjects: [String] = ["order/1", "participant/buyer"],
    payload: String = "{}"
  ) -> AuditV1.Event {
    AuditV1.Event(
      eventID: id ?? EventID.make(at: WallClock.system.now()), kind: kind,
      time: Timestamp(microseconds: 1_700_000_000_000_000 + sequence), producerSequence: sequence,
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", outcome: .accepted,
      actor: actor, subjects: subjects, payload: Array(payload.utf8))
  }

  static func events(_ range: ClosedRange<Int64>) -> [AuditV1.Event] {
    range.map { event($0) }
  }
}
