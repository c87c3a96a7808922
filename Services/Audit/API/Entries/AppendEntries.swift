import AuditDomain
import AuditStore
import Crypto
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
    let salts = Random.bytes(LogLimits.saltBytes * request.events.count)
    let candidates = try request.events.enumerated().map { position, event in
      let salt = Array(salts[position * LogLimits.saltBytes..<(position + 1) * LogLimits.saltBytes])
      var candidate = try Candidate(
        event, producer: producer, salt: salt, field: "events[\(position)]")
      // Off the writer, as far as the keys are at hand.
      if let key = subjects.key(of: candidate.holder) { try candidate.seal(with: key) }
      return candidate
    }
    do {
      let receipts = try await database.decide { db in
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
    var additions = try EntryAdditions(db, to: queue, of: producer)
    return try candidates.map { candidate in
      // Of an event that was known before, the salt that its leaf was made with, not this candidate's.
      let known = try additions.add(candidate)
      return AuditV1.AppendReceipt(
        eventID: candidate.body.eventID, index: Int64(known.index), leafHash: known.leafHash,
        salt: known.salt ?? [], detailsHash: known.salt == nil ? known.body.detailsHash : nil)
    }
  }
}
