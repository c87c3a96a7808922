import AuditDomain
import AuditStore
import Model
import RPC
import ServiceRuntime

extension AuditHandler {
  /// Anyone may read the public part; details go to those they are about, and to services and auditors, which is
  /// noted in the log.
  /// - Throws: `AuditError.entryNotFound`.
  func getEntry(
    _ request: AuditV1.GetEntryRequest, _ context: CallContext
  ) async throws -> AuditV1.GetEntryResponse {
    let reader = try LogReader(context)
    let index = Int(request.index)
    guard let entry = try await database.read({ try EntrySearch($0).entry(at: index) }) else {
      throw AuditError.entryNotFound(index: request.index)
    }
    let answer = try AuditV1.Entry(entry, for: reader)
    try await noteReading(of: [answer], by: reader, context)
    return AuditV1.GetEntryResponse(entry: answer)
  }
}
