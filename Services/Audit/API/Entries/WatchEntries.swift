import AuditDomain
import AuditStore
import Model
import RPC
import ServiceRuntime

extension AuditHandler {
  private static let heartbeat: Duration = .seconds(2)
  private static let watchedCount = 100

  /// Reads from the table at the pace of the reader: nothing is buffered for a slow one. The cursor is the number of
  /// entries seen, so a resumed stream misses nothing and repeats nothing. What is sent is signed. Auditors and services
  /// are sent no details: they ask for those with GetEntry, which notes it.
  func watchEntries(
    _ request: AuditV1.WatchEntriesRequest, _ context: CallContext,
    _ writer: ResponseWriter<AuditV1.WatchEntriesResponse>
  ) async throws {
    let reader = try LogReader(context)
    let filter = EntryFilter(
      subject: request.subject, actor: request.actor, kind: request.kind,
      outcome: request.outcome, reader: reader)
    try await revocations.whileValid(context) { [self] in
      // A cursor that the log has not reached yet waits for it.
      let start =
        request.fromNow
        ? try await head.covering(0).size : min(Int(request.afterCursor), .max - 1)
      var cursor = Int64(start)
      try await writer.write(AuditV1.WatchEntriesResponse(cursor: cursor))
      while true {
        do {
          let size = try await head.covering(Int(cursor) + 1, within: Self.heartbeat).size
          repeat {
            let page = try await page(after: cursor, to: size, filter, reader)
            try await writer.write(page)
            cursor = page.cursor
          } while cursor < size
        } catch AuditError.checkpointPending {
          try await writer.write(AuditV1.WatchEntriesResponse(cursor: cursor))
        }
      }
    }
  }

  private func page(
    after cursor: Int64, to size: Int, _ filter: EntryFilter, _ reader: LogReader
  ) async throws -> AuditV1.WatchEntriesResponse {
    var filter = filter
    filter.size = size
    let found = try await database.read { [filter] db in
      try EntrySearch(db).list(filter, after: Int(cursor) - 1, limit: Self.watchedCount)
    }
    var response = AuditV1.WatchEntriesResponse()
    var bytes = 0
    for stored in found {
      let entry = try AuditV1.Entry(stored, for: reader, withForeignDetails: false)
      bytes += entry.approximateBytes
      if bytes > AuditV1.Entry.pageBytes && !response.entries.isEmpty { break }
      response.entries.append(entry)
    }
    let isLast = response.entries.count == found.count && found.count < Self.watchedCount
    response.cursor = isLast ? Int64(size) : response.entries.last.map { $0.index + 1 } ?? cursor
    return response
  }
}
