package import Crypto
package import Model

/// One running fetch, as far as it must survive the process: what it may already have sent.
package struct ServedStream: Sendable, Hashable {
  /// Bytes that are booked ahead of sending at a time.
  package static let stepBytes: Int64 = 4 << 20

  package let grantID: GrantID
  package let agreementID: AgreementID
  package let path: String
  package let startBytes: Int64
  /// Up to where sending is booked. What was sent never lies beyond.
  package var reservedBytes: Int64

  package init(
    grantID: GrantID, agreementID: AgreementID, path: String, startBytes: Int64,
    reservedBytes: Int64
  ) {
    self.grantID = grantID
    self.agreementID = agreementID
    self.path = path
    self.startBytes = startBytes
    self.reservedBytes = reservedBytes
  }

  /// How much of a file was sent from its start without a gap, once a stream sent `start..<end`.
  package static func covered(_ covered: Int64, with start: Int64, _ end: Int64) -> Int64 {
    start <= covered ? max(covered, end) : covered
  }

  /// How many bytes to book next: a step, no more than the file has left, no more than the quota
  /// has left. Throws when the quota has nothing left.
  package static func step(
    from position: Int64, of sizeBytes: Int64, used usedBytes: Int64, quota quotaBytes: Int64
  ) throws(ConnectorError) -> Int64 {
    let left = sizeBytes - position
    guard left > 0 else { return 0 }
    let allowed = quotaBytes - usedBytes
    guard allowed > 0 else { throw .quotaExceeded(quotaBytes: quotaBytes) }
    return min(stepBytes, left, allowed)
  }
}

/// What a grant lets its holder be sent, as it is kept.
package struct Allowance: Sendable, Hashable {
  package let grantID: GrantID
  package let agreementID: AgreementID
  package let consumerID: ParticipantID
  package let quotaBytes: Int64
  package let expires: Timestamp

  package init(_ grant: DeliveryGrant) {
    grantID = grant.id
    agreementID = grant.agreementID
    consumerID = grant.consumerID
    quotaBytes = grant.quotaBytes
    expires = grant.expires
  }
}
