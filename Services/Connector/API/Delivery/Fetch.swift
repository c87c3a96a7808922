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
          file, content, from: request.offsetBytes, under: grant, to: writer, context.peer)
      }
    }
  }

  private func send(
    _ file: ContentManifest.File, _ content: VerifiedFile, from offset: Int64,
    under grant: DeliveryGrant, to writer: ResponseWriter<DeliveryV1.FetchResponse>, _ peer: Peer
  ) async throws {
    let allowance = Allowance(grant)
    let begun = try await database.write {
      try ServedTable($0).begin(allowance, file, from: offset)
    }
    let id = begun.id
    var stream = begun.stream
    var position = offset
    do {
      while position < file.sizeBytes {
        if position == stream.reservedBytes {
          stream = try await database.write { [stream] db in
            try ServedTable(db).extend(id, stream, sizeBytes: file.sizeBytes)
          }
        }
        let count = min(Self.chunkBytes, stream.reservedBytes - position)
        let data = try await content.read(at: position, count: Int(count))
        try revocations.requireValid(peer)
        try GrantRules.check(grant, isLiveAt: clock.now())
        try await writer.write(DeliveryV1.FetchResponse(data: data, offsetBytes: position))
        position += count
      }
    } catch {
      try await end(id, stream, at: position)
      throw error
    }
    try await end(id, stream, at: position)
  }

  /// Books what was sent even when the call has been cancelled: the consumer holds it.
  private func end(_ id: Int64, _ stream: ServedStream, at position: Int64) async throws {
    let database = database
    try await Task {
      try await database.write { try ServedTable($0).end(id, stream, at: position) }
    }.value
  }
}
