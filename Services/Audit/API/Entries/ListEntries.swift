import AuditDomain
import AuditStore
import Model
import RPC
import ServiceRuntime

extension AuditHandler {
  /// Entries in the order of the log. Participants are shown those that they caused or that are about
  /// them; which others match a filter would tell who they are about.
  func listEntries(
    _ request: AuditV1.ListEntriesRequest, _ context: CallContext
  ) async throws -> AuditV1.ListEntriesResponse {
    let reader = try LogReader(context)
    let query = try PageQuery(
      request,
      scope: [
        "entries", request.subject, request.actor, request.kind, "\(request.outcome.rawValue)",
        request.startTime?.description ?? "", request.endTime?.description ?? "",
        reader.subject ?? "",
      ])
    var filter = EntryFilter(
      subject: request.subject, actor: request.actor, kind: request.kind,
      outcome: request.outcome, reader: reader)
    filter.start = request.startTime
    filter.end = request.endTime
    let position = try EntryPosition(query)
    let (stored, size) = try await database.read { [filter] db in
      var filter = filter
      let size = try position?.size ?? EntryTable(db).size()
      filter.size = size
      let found = try EntrySearch(db).list(
        filter, after: position?.index, limit: query.fetchCount)
      return (found, size)
    }
    let page = query.page(
      try stored.map { try AuditV1.Entry($0, for: reader) }, within: AuditV1.Entry.pageBytes,
      bytes: \.approximateBytes, key: { EntryPosition(index: Int($0.index), size: size).key })
    try await noteReading(of: page.items, by: reader, context)
    return AuditV1.ListEntriesResponse(entries: page.items, nextPageToken: page.nextPageToken)
  }
}

extension EntryFilter {
  /// What was asked for, within what the reader finds.
  init(subject: String, actor: String, kind: String, outcome: AuditV1.Outcome, reader: LogReader) {
    self.init()
    self.subject = subject
    self.actor = actor
    self.kind = kind
    isAccepted = outcome == .unspecified ? nil : outcome == .accepted
    involved = [reader.subject].compactMap(\.self)
  }
}
