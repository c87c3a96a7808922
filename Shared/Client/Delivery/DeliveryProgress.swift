import Crypto
package import Model

/// How far a delivery is.
package struct DeliveryProgress: Sendable, Hashable {
  /// The file being received.
  package let path: String
  /// Bytes here so far, of all files, those of earlier attempts included.
  package let receivedBytes: Int64
  /// Bytes of all files.
  package let totalBytes: Int64
}

/// A delivery that is complete and verified.
package struct DeliveryResult: Sendable {
  package let order: SettlementV1.Order
  package let revision: CatalogV1.Revision
  /// SHA-256 of the manifest computed from the files received; it equals the one ordered.
  package let manifestDigest: Digest
  /// Bytes that came over the wire in this run, less than the size when it resumed.
  package let transferredBytes: Int64
  /// Signed by both ends; nil where the order had been delivered elsewhere before.
  package let receipt: DeliveryV1.DeliveryReceipt?
  /// Where the receipt was saved, if there is one.
  package let receiptPath: String?
}

extension CatalogV1.Revision {
  /// The canonical manifest of the revision's files.
  package var manifest: ContentManifest {
    ContentManifest(
      files.map { .init(path: $0.path, sizeBytes: $0.sizeBytes, sha256: $0.sha256) })
  }
}
