import AuditDomain
import AuditStore
import GRDB
import Model
import RPC
import ServiceRuntime
import TransparencyLog

extension AuditHandler {
  /// Takes all events of the request or none, and answers once they are on disk. The producer is the
  /// calling service, whatever the events say; one of its instances, where it says which. Events that do not follow
  /// those in the log are refused, and the log tells of it.
  ///
  /// - Throws: `AuditError.eventConflict`, `.sequenceGap`, `.sequenceReused`; `InvalidArgument`.
  func appendEntries(
    _ request: AuditV1.AppendEntriesRequest, _ context: CallContext
  ) async throws -> AuditV1.AppendEntriesResponse {
    guard case .service(let service) = context.caller else { throw AccessError.serviceRequired }
    let producer = request.instance.isEmpty ? service : "\(service).\(request.instance)"
    let candidates = try request.events.enumerated().map { position, event in
      try Candidate(event, producer: producer, field: "events[\(position)]")
    }
    do {
      let receipts = try await database.write { db in
        try append(candidates, of: producer, db)
      }
      return AuditV1.AppendEntriesResponse(receipts: receipts)
    } catch let refusal as AuditError {
      await noteGap(refusal, context)
      throw refusal
    }
  }

  /// Takes in what the rule accepts, as a part of a write.
  func append(
    _ candidates: [Candidate], of producer: String, _ db: Database
  ) throws -> [AuditV1.AppendReceipt] {
    var additions = try EntryAdditions(db, to: tree, knowing: subjects, of: producer)
    let receipts = try candidates.map { candidate in
      let event = candidate.body.eventID
      guard let known = try additions.add(candidate) else {
        let index = additions.end - 1
        return AuditV1.AppendReceipt(
          eventID: event, index: Int64(index), leafHash: candidate.leafHash, salt: candidate.salt)
      }
      // For a known event the salt that its leaf was made with, not this candidate's.
      return AuditV1.AppendReceipt(
        eventID: event, index: Int64(known.index), leafHash: known.leafHash,
        salt: known.salt ?? [], detailsHash: known.salt == nil ? known.body.detailsHash : nil)
    }
    try additions.finish()
    return receipts
  }
}
