package import Model

/// From when to when a new certificate counts.
package struct CertificateValidity: Sendable, Hashable {
  package static let defaultSeconds: Int64 = 3_600
  package static let minimumSeconds: Int64 = 300
  package static let maximumSeconds: Int64 = 86_400
  /// For verifiers whose clock is behind.
  package static let backdateSeconds: Int64 = 60

  package let notBefore: Timestamp
  package let notAfter: Timestamp

  /// - Parameters:
  ///   - requestedSeconds: 0 for the default.
  ///   - cutoff: the latest moment before which the holder's credentials are refused. The certificate
  ///     starts no earlier, or it would be refused as well.
  /// - Throws: `lifetimeOutOfRange` outside 5 minutes to 24 hours.
  package init(
    requestedSeconds: Int64, at now: Timestamp, cutoff: Timestamp?
  ) throws(IdentityError) {
    let seconds = requestedSeconds == 0 ? Self.defaultSeconds : requestedSeconds
    guard (Self.minimumSeconds...Self.maximumSeconds).contains(seconds) else {
      throw .lifetimeOutOfRange
    }
    let backdated = now.adding(seconds: -Self.backdateSeconds)
    notBefore = max(backdated, cutoff ?? backdated)
    notAfter = now.adding(seconds: seconds)
  }
}
