import AuditDomain
import AuditStore
import Crypto
import GRDB
import Model
import RPC
import TransparencyLog

extension AuditHandler {
  /// The producer of what audit does itself.
  static let ownProducer = StoredErasure.producer

  /// Appends what audit has done for a caller, in the transaction in which it did it, and writes the entry: what
  /// else is done refers to it. Returns its index.
  func appendOwn(
    _ kind: String, subjects: [String] = [], outcome: AuditV1.Outcome = .accepted,
    payload: [String: JSON], of context: CallContext, at time: Timestamp, _ db: Database
  ) throws -> Int {
    let event = AuditV1.Event(
      eventID: EventID.make(at: time), kind: kind, time: time,
      producerSequence: try queue.nextSequence(of: Self.ownProducer, db),
      traceparent: context.trace.traceparent, outcome: outcome, actor: context.caller.subject,
      subjects: subjects, payload: Array(JSON.object(payload).text.utf8))
    let candidate = try Candidate(event, producer: Self.ownProducer)
    let receipts = try append([candidate], of: Self.ownProducer, db)
    try queue.write(db)
    return Int(receipts.first?.index ?? 0)
  }
}

extension Caller {
  /// As actors are named in the log.
  var subject: String {
    switch self {
    case .participant(let caller): "participant/\(caller.participantID)"
    case .service(let name): "service/\(name)"
    case .anonymous: ""
    }
  }
}
