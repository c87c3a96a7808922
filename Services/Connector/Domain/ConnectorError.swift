package import Model

/// Why a connector refuses what was asked.
package enum ConnectorError: DomainError, Hashable {
  /// The grant does not verify; names the rule that failed.
  case grantInvalid(rule: String)
  case grantExpired
  /// Settlement has suspended or ended the agreement behind the grant.
  case agreementNotActive(AgreementID)
  /// The grant is bound to another certificate or consumer.
  case grantOfAnother
  /// The grant names a revision that this provider does not serve, or whose manifest differs.
  case revisionNotServed(RevisionID)
  case fileNotFound(path: String)
  case offsetOutOfRange(sizeBytes: Int64)
  /// The file is not what the manifest says any more.
  case contentChanged(path: String)
  /// The file is not there, or is no regular file below the folder.
  case contentMissing(path: String)
  case quotaExceeded(quotaBytes: Int64)
  /// The statement does not say what the grant and the manifest say; names the field.
  case statementMismatch(field: String)
  case signatureInvalid(reason: String)
  /// Not every byte of the revision has been sent under this agreement.
  case contentNotServed(path: String)
  case receiptIDReused
  /// Settlement's keys are not known and cannot be had now.
  case grantKeysUnavailable
  /// The manifest is not known and cannot be had from catalog now.
  case manifestUnavailable

  package static var domain: String { "ndx.delivery" }

  package var status: StatusCode {
    switch self {
    case .grantInvalid, .grantExpired: .unauthenticated
    case .grantOfAnother, .signatureInvalid, .agreementNotActive: .permissionDenied
    case .revisionNotServed, .fileNotFound: .notFound
    case .offsetOutOfRange: .outOfRange
    case .quotaExceeded: .resourceExhausted
    case .contentChanged, .contentMissing, .statementMismatch, .contentNotServed:
      .failedPrecondition
    case .receiptIDReused: .alreadyExists
    case .grantKeysUnavailable, .manifestUnavailable: .unavailable
    }
  }

  package var reason: String {
    switch self {
    case .grantInvalid: "GRANT_INVALID"
    case .grantExpired: "GRANT_EXPIRED"
    case .agreementNotActive: "AGREEMENT_NOT_ACTIVE"
    case .grantOfAnother: "GRANT_OF_ANOTHER"
    case .revisionNotServed: "REVISION_NOT_SERVED"
    case .fileNotFound: "FILE_NOT_FOUND"
    case .offsetOutOfRange: "OFFSET_OUT_OF_RANGE"
    case .contentChanged: "CONTENT_CHANGED"
    case .contentMissing: "CONTENT_MISSING"
    case .quotaExceeded: "QUOTA_EXCEEDED"
    case .statementMismatch: "STATEMENT_MISMATCH"
    case .signatureInvalid: "SIGNATURE_INVALID"
    case .contentNotServed: "CONTENT_NOT_SERVED"
    case .receiptIDReused: "RECEIPT_ID_REUSED"
    case .grantKeysUnavailable: "GRANT_KEYS_UNAVAILABLE"
    case .manifestUnavailable: "MANIFEST_UNAVAILABLE"
    }
  }

  package var metadata: [String: String] {
    switch self {
    case .grantInvalid(let rule): ["rule": rule]
    case .agreementNotActive(let id): ["agreement_id": "\(id)"]
    case .revisionNotServed(let id): ["revision_id": "\(id)"]
    case .fileNotFound(let path), .contentChanged(let path), .contentMissing(let path),
      .contentNotServed(let path):
      ["path": path]
    case .offsetOutOfRange(let size): ["size_bytes": "\(size)"]
    case .quotaExceeded(let quota): ["quota_bytes": "\(quota)"]
    case .statementMismatch(let field): ["field": field]
    case .signatureInvalid(let reason): ["cause": reason]
    default: [:]
    }
  }

  package var retryAfterMilliseconds: Int64? {
    switch self {
    case .grantKeysUnavailable, .manifestUnavailable: 1_000
    default: nil
    }
  }
}
