package import Crypto
package import Model

/// What must hold before a provider puts its signature under a delivery statement.
package enum StatementRules {
  /// How far the consumer's clock may be ahead.
  package static let leewaySeconds: Int64 = 60

  /// Throws unless the statement says what the grant and the manifest say.
  package static func check(
    _ statement: DeliveryV1.DeliveryStatement, against grant: DeliveryGrant,
    _ revision: CatalogV1.Revision, at now: Timestamp
  ) throws(ConnectorError) {
    let comparisons = [
      ("order_id", statement.orderID == grant.orderID),
      ("agreement_id", statement.agreementID == grant.agreementID),
      ("revision_id", statement.revisionID == grant.revisionID),
      ("provider_id", statement.providerID == grant.providerID),
      ("consumer_id", statement.consumerID == grant.consumerID),
      ("size_bytes", statement.sizeBytes == revision.sizeBytes),
      ("manifest_sha256", statement.manifestSHA256 == revision.manifestSHA256),
      ("complete_time", statement.completeTime <= now.adding(seconds: leewaySeconds)),
    ]
    for (field, agrees) in comparisons where !agrees { throw .statementMismatch(field: field) }
  }

  /// Throws unless every byte of every file was sent. `servedBytes` says how much of a path was,
  /// counted from its start without a gap.
  package static func check(
    served servedBytes: [String: Int64], of revision: CatalogV1.Revision
  ) throws(ConnectorError) {
    for file in revision.files where servedBytes[file.path, default: 0] < file.sizeBytes {
      throw .contentNotServed(path: file.path)
    }
  }

  /// Returns the certificate of the consumer's system that signed.
  package static func signer(
    of statement: [UInt8], completeAt complete: Timestamp, _ signature: DeliveryV1.Signature,
    consumer: ParticipantID, trustDomain: String, anchors: [Certificate]
  ) throws(ConnectorError) -> Certificate {
    let leaf: Certificate
    do {
      // A certificate renewed after the delivery was complete counts from its own beginning.
      let first = try signature.certificateChain.first.map { try Certificate(der: $0) }
      leaf = try DeliveryStatementSignature.verify(
        signature.signature, by: signature.certificateChain, under: statement, anchors: anchors,
        at: max(complete, first?.notBefore ?? complete))
    } catch {
      throw .signatureInvalid(reason: "\(error)")
    }
    guard let name = leaf.spiffeID.flatMap({ SPIFFEID($0) }), name.trustDomain == trustDomain,
      case .participant(consumer, _) = name.name
    else { throw .signatureInvalid(reason: "the signer is not the consumer") }
    return leaf
  }
}
