package import Crypto
package import Model

/// What must hold for a grant whose signature, audience and times have been verified.
package enum GrantRules {
  /// The one who presents a grant, by certificate.
  package struct Holder: Sendable, Hashable {
    package let participantID: ParticipantID
    package let certificateFingerprint: Digest

    package init(participantID: ParticipantID, certificateFingerprint: Digest) {
      self.participantID = participantID
      self.certificateFingerprint = certificateFingerprint
    }
  }

  /// Throws unless `holder` is the one the grant was issued to.
  package static func check(_ grant: DeliveryGrant, presentedBy holder: Holder)
    throws(ConnectorError)
  {
    guard grant.certificateFingerprint == holder.certificateFingerprint,
      grant.consumerID == holder.participantID
    else { throw .grantOfAnother }
  }

  /// Throws once the grant has run out: it ends streams that it began.
  package static func check(_ grant: DeliveryGrant, isLiveAt now: Timestamp) throws(ConnectorError)
  {
    guard now < grant.expires else { throw .grantExpired }
  }

  /// Throws unless the manifest is that of the revision the grant names.
  package static func check(
    _ grant: DeliveryGrant, names revision: CatalogV1.Revision
  ) throws(ConnectorError) {
    let digest = ContentManifest(revision.files.map { ContentManifest.File($0) }).sha256
    guard revision.id == grant.revisionID, digest == revision.manifestSHA256,
      grant.manifestSHA256 == nil || grant.manifestSHA256 == digest
    else { throw .revisionNotServed(grant.revisionID) }
  }

  /// The file of that path. Throws for a path outside the manifest and an offset past its end.
  package static func file(
    _ path: String, from offset: Int64, of revision: CatalogV1.Revision
  ) throws(ConnectorError) -> ContentManifest.File {
    guard let file = revision.files.first(where: { $0.path == path }) else {
      throw .fileNotFound(path: path)
    }
    guard (0...file.sizeBytes).contains(offset) else {
      throw .offsetOutOfRange(sizeBytes: file.sizeBytes)
    }
    return ContentManifest.File(file)
  }
}

extension ContentManifest.File {
  package init(_ file: CatalogV1.ContentFile) {
    self.init(path: file.path, sizeBytes: file.sizeBytes, sha256: file.sha256)
  }
}
