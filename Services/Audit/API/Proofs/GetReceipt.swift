import AuditDomain
import AuditStore
import Model
import RPC
import ServiceRuntime
import TransparencyLog

extension AuditHandler {
  /// For everyone, as it holds the public part alone. Waits for a checkpoint that covers the entry; takes the newest that
  /// enough witnesses have cosigned when that covers it.
  /// - Throws: `AuditError.entryNotFound`, `.eventNotFound`, `.checkpointPending`; `InvalidArgument`
  ///   when no entry is named.
  func getReceipt(
    _ request: AuditV1.GetReceiptRequest, _ context: CallContext
  ) async throws -> AuditV1.GetReceiptResponse {
    let (index, entry) = try await target(of: request)
    let quorum = board.quorum.flatMap { $0.size > index ? $0 : nil }
    let signed = if let quorum { quorum } else { try await head.covering(index + 1) }
    let (hashes, checkpoint) = try await database.read { db in
      var tiles = nodes.reader(size: signed.size, TileTable(db))
      return (
        try tiles.inclusionProof(index: index, size: signed.size),
        quorum == nil ? try CosignatureTable(db).cosigned(signed) : signed
      )
    }
    let proof = LogProof(index: index, hashes: hashes, checkpoint: checkpoint.note)
    return AuditV1.GetReceiptResponse(
      proof: proof.description, entry: entry, verifierKey: verifierKey.description)
  }

  private func target(of request: AuditV1.GetReceiptRequest) async throws -> (Int, [UInt8]) {
    guard let target = request.target else {
      throw InvalidArgument(
        field: "target", rule: "required",
        text: Text(vi: "phải nêu index hoặc event_id", en: "name an index or an event_id"))
    }
    return try await database.read { db in
      let entries = EntryTable(db)
      let index: Int
      switch target {
      case .index(let wanted): index = Int(wanted)
      case .eventID(let event):
        guard let found = try entries.index(of: event) else {
          throw AuditError.eventNotFound(event)
        }
        index = found
      }
      guard let entry = try entries.body(at: index) else {
        throw AuditError.entryNotFound(index: Int64(index))
      }
      return (index, entry)
    }
  }
}
