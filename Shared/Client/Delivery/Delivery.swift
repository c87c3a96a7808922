import Crypto
package import Model
import RPC
import Stubs

/// Fetches what an order is about into a folder, verifies it and has the delivery receipt signed.
///
/// Interrupted at any point and run again it goes on where it was: whole files are not fetched
/// again, a file begun is resumed, and a receipt that was asked for is asked for under the same
/// request id. What it keeps for that lies in `.ndx/` within the folder.
package struct Delivery: Sendable {
  /// Failed attempts in a row, without one byte received, after which it gives up.
  private static let maximumFruitlessAttempts = 5

  private let connection: ExchangeConnection
  private let orderID: OrderID
  private let folder: String
  private let clock: WallClock

  package init(
    of orderID: OrderID, to folder: String, over connection: ExchangeConnection,
    clock: WallClock = .system
  ) {
    self.connection = connection
    self.orderID = orderID
    self.folder = folder
    self.clock = clock
  }

  private var state: String { folder + "/.ndx" }

  /// Throws `RPCStatus` when the exchange or the connector refuses, `ClientError.verification` when
  /// what is served is not what was ordered.
  package func run(progress: (DeliveryProgress) -> Void = { _ in }) async throws -> DeliveryResult {
    var grants = try await GrantHolder(
      order: orderID, settlement: connection.settlement, clock: clock)
    let order = grants.current.order
    let channel = connection.connector(
      at: grants.current.connectorAddress, of: order.providerID)
    do {
      let result = try await run(
        order, &grants, DeliveryServiceClient(channel), progress: progress)
      await channel.close()
      return result
    } catch {
      await channel.close()
      throw error
    }
  }

  private func run(
    _ order: SettlementV1.Order, _ grants: inout GrantHolder, _ connector: DeliveryServiceClient,
    progress: (DeliveryProgress) -> Void
  ) async throws -> DeliveryResult {
    let revision = try await manifest(of: order, try await grants.grant(), connector)
    let manifest = revision.manifest
    var received: Int64 = 0
    var transferred: Int64 = 0
    for file in manifest.files {
      if try !PartialFile.isDelivered(file, in: folder) {
        transferred += try await fetch(file, &grants, connector) { bytes in
          progress(
            DeliveryProgress(
              path: file.path, receivedBytes: received + bytes, totalBytes: manifest.sizeBytes))
        }
      }
      received += file.sizeBytes
      progress(
        DeliveryProgress(
          path: file.path, receivedBytes: received, totalBytes: manifest.sizeBytes))
    }
    let signing = ReceiptSigning(profile: connection.profile, state: state, clock: clock)
    let receipt = try await signing.receipt(
      for: order, manifest: manifest, grant: try await grants.grant(), from: connector)
    return DeliveryResult(
      order: order, revision: revision, manifestDigest: manifest.sha256,
      transferredBytes: transferred, receipt: receipt,
      receiptPath: receipt.map { _ in signing.receiptPath })
  }

  /// The manifest that the connector serves, which must be the one ordered.
  private func manifest(
    of order: SettlementV1.Order, _ grant: String, _ connector: DeliveryServiceClient
  ) async throws -> CatalogV1.Revision {
    let revision = try await connector.getManifest(DeliveryV1.GetManifestRequest(grant: grant))
      .revision
    guard revision.id == order.revisionID else {
      throw ClientError.verification(.revision(expected: order.revisionID, actual: revision.id))
    }
    let digest = revision.manifest.sha256
    guard digest == order.manifestSHA256 else {
      throw ClientError.verification(.manifest(expected: order.manifestSHA256, actual: digest))
    }
    guard !revision.files.contains(where: { $0.path.hasPrefix(".ndx/") }) else {
      throw ClientError.verification(.receipt(reason: "the manifest names files below .ndx/"))
    }
    return revision
  }

  /// Receives one file, going on after broken connections and grants that ran out. Returns the bytes
  /// that came over the wire.
  private func fetch(
    _ file: ContentManifest.File, _ grants: inout GrantHolder, _ connector: DeliveryServiceClient,
    progress: (Int64) -> Void
  ) async throws -> Int64 {
    var partial = try PartialFile(file, in: folder, state: state)
    let start = partial.sizeBytes
    var fruitlessAttempts = 0
    while !partial.isComplete {
      let before = partial.sizeBytes
      do {
        let request = DeliveryV1.FetchRequest(
          grant: try await grants.grant(), path: file.path, offsetBytes: before)
        for try await chunk in connector.fetch(request) {
          try partial.append(chunk.data, at: chunk.offsetBytes)
          progress(partial.sizeBytes)
        }
        guard partial.isComplete else {
          throw RPCStatus(code: .unavailable, message: "the stream ended early")
        }
      } catch let error as RPCStatus {
        if partial.sizeBytes > before {
          fruitlessAttempts = 0
          if error.code != .unavailable { try await grants.renew() }
        } else {
          fruitlessAttempts += 1
          guard error.code == .unavailable, fruitlessAttempts < Self.maximumFruitlessAttempts
          else { throw error }
          try await Task.sleep(for: .milliseconds(100 << fruitlessAttempts))
        }
      }
    }
    try partial.finish()
    return file.sizeBytes - start
  }
}
