import ConnectorDomain
import ConnectorStore
import Crypto
import GRDB
import Model
import RPC
import ServiceRuntime

extension DeliveryHandler {
  /// Bytes of one message of the stream.
  private static let chunkBytes: Int64 = 256 << 10

  func fetch(
    _ request: DeliveryV1.FetchRequest, _ context: CallContext,
    _ writer: ResponseWriter<DeliveryV1.FetchResponse>
  ) async throws {
    let (grant, revision) = try await admit(request.grant, context)
    let file = try GrantRules.file(request.path, from: request.offsetBytes, of: revision)
    let content = try await folder.open(file, of: revision.id)
    // A slow reader must not outlive its certificate: the stream ends even while a write waits.
    try await revocations.whileValid(context) {
      try await agreements.whileLive(grant.agreementID) {
        try await send(
          file, content, from: request.offsetBytes, under: grant,
          measuring: grant.isMetered
            ? ServedUsage(
              orderID: grant.orderID, mediaType: revision.mediaType(of: request.path)) : nil,
          to: writer, context.peer)
      }
    }
  }

  private func send(
    _ file: ContentManifest.File, _ content: VerifiedFile, from offset: Int64,
    under grant: DeliveryGrant, measuring metered: ServedUsage?,
    to writer: ResponseWriter<DeliveryV1.FetchResponse>, _ peer: Peer
  ) async throws {
    let allowance = Allowance(grant)
    let begun = try await database.write { db in
      let begun = try ServedTable(db).begin(allowance, file, from: offset)
      if let metered { try UsageTable(db).note(metered, of: begun.id) }
      return begun
    }
    let id = begun.id
    var stream = begun.stream
    var usage = metered
    var position = offset
    do {
      while position < file.sizeBytes {
        if position == stream.reservedBytes {
          stream = try await database.write { [stream, usage] db in
            if let usage { try UsageTable(db).note(usage, of: id) }
            return try ServedTable(db).extend(id, stream, sizeBytes: file.sizeBytes)
          }
        }
        let count = min(Self.chunkBytes, stream.reservedBytes - position)
        let data = try await content.read(at: position, count: Int(count))
        try revocations.requireValid(peer)
        try GrantRules.check(grant, isLiveAt: clock.now())
        try await writer.write(DeliveryV1.FetchResponse(data: data, offsetBytes: position))
        position += count
        usage?.add(data, isEnd: position == file.sizeBytes)
      }
    } catch {
      try await end(id, stream, at: position, usage)
      throw error
    }
    try await end(id, stream, at: position, usage)
  }

  /// Books what was sent even when the call has been cancelled: the consumer holds it.
  private func end(
    _ id: Int64, _ stream: ServedStream, at position: Int64, _ usage: ServedUsage?
  ) async throws {
    let (database, now) = (database, clock.now())
    try await Task {
      try await database.write { db in
        try ServedTable(db).end(id, stream, at: position)
        if let usage { try UsageTable(db).finish(usage, of: id, at: now) }
      }
    }.value
  }
}

extension CatalogV1.Revision {
  /// The media type of a file; empty for one that it does not have.
  fileprivate func mediaType(of path: String) -> String {
    files.first { $0.path == path }?.mediaType ?? ""
  }
}
