import AuditDomain
import AuditStore
import Model
import RPC
import ServiceRuntime
import TransparencyLog

extension AuditHandler {
  /// The entries that one subject caused or that are about it, as far as the newest checkpoint covers
  /// them, each proven against it.
  /// Participants are shown those that they caused or that are about them.
  func traceSubject(
    _ request: AuditV1.TraceSubjectRequest, _ context: CallContext
  ) async throws -> AuditV1.TraceSubjectResponse {
    let reader = try LogReader(context)
    let query = try PageQuery(request, scope: ["trace", request.subject, reader.subject ?? ""])
    let checkpoint = try await head.covering(0)
    var filter = EntryFilter()
    filter.involved = [request.subject, reader.subject].compactMap(\.self)
    let position = try EntryPosition(query)
    let size = min(position?.size ?? checkpoint.size, checkpoint.size)
    filter.size = size
    let steps = try await database.read { [filter] db in
      var tiles = nodes.reader(size: checkpoint.size, TileTable(db))
      let tree = try nodes.suffixes(size: checkpoint.size, &tiles)
      return try EntrySearch(db).list(
        filter, after: position?.index, limit: query.fetchCount
      ).map { stored in
        AuditV1.ProvenEntry(
          entry: try AuditV1.Entry(stored, for: reader),
          proof: try tiles.inclusionProof(index: stored.index, in: tree))
      }
    }
    let page = query.page(
      steps, within: AuditV1.Entry.pageBytes,
      bytes: { $0.entry.approximateBytes + $0.proof.count * 34 },
      key: { EntryPosition(index: Int($0.entry.index), size: size).key })
    try await noteReading(of: page.items.map(\.entry), by: reader, context)
    return AuditV1.TraceSubjectResponse(
      steps: page.items, nextPageToken: page.nextPageToken, checkpoint: checkpoint.note)
  }
}
