import AuditDomain
import AuditStore
import Crypto
import GRDB
import Model
import RPC
import ServiceRuntime

extension AuditHandler {
  /// Deletes salt, sealed details and key, tells of it in the log, and answers once the log of changes of the database
  /// holds nothing older either. The entries themselves stay: so do root, tiles and proofs.
  /// - Throws: `AuditError.subjectNotFound`; `.erasureUnfinished` when only the latter failed: a repetition finishes it.
  func eraseSubject(
    _ request: AuditV1.EraseSubjectRequest, _ context: CallContext
  ) async throws -> AuditV1.EraseSubjectResponse {
    let response: AuditV1.EraseSubjectResponse = try await transactor.mutate(request, context) {
      [self] transaction in
      let erasures = ErasureTable(transaction.db)
      let entries = try erasures.entries(naming: request.subject)
      guard !entries.isEmpty else { throw AuditError.subjectNotFound }
      let hash = StoredErasure.hash(of: request.subject)
      let index = try appendOwn(
        StoredErasure.kind,
        payload: [
          "subject_hash": .string(hash.hex), "ground": .string(request.ground),
          "erased_entries": .integer(Int64(entries.count)),
        ], of: context, at: transaction.now, transaction.db)
      let erasure = try erasures.erase(
        entries, of: request.subject, toldBy: index, at: transaction.now)
      subjects.forget()
      return AuditV1.EraseSubjectResponse(erasure: AuditV1.Erasure(erasure))
    }
    do {
      var backoff = Backoff(first: .milliseconds(10), limit: .milliseconds(500))
      while try await !database.truncateLog() { try await backoff.wait() }
    } catch is DatabaseError {
      throw AuditError.erasureUnfinished
    }
    return response
  }

  /// For auditors and security officers.
  func listErasures(
    _ request: AuditV1.ListErasuresRequest, _ context: CallContext
  ) async throws -> AuditV1.ListErasuresResponse {
    let query = try PageQuery(request, scope: ["erasures", request.subject])
    let after = try EntryPosition(query)?.index
    let stored = try await database.read { db in
      try ErasureTable(db).list(subject: request.subject, after: after, limit: query.fetchCount)
    }
    let page = query.page(stored) { EntryPosition(index: $0.index, size: 0).key }
    return AuditV1.ListErasuresResponse(
      erasures: page.items.map { AuditV1.Erasure($0) }, nextPageToken: page.nextPageToken)
  }
}

extension AuditV1.Erasure {
  init(_ erasure: StoredErasure) {
    self.init(
      index: Int64(erasure.index), subjectHash: erasure.subjectHash,
      erasedEntries: Int64(erasure.entries), eraseTime: erasure.time)
  }
}
