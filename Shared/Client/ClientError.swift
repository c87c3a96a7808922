package import Model

/// What goes wrong on this side of the wire. What a service refuses is `RPCStatus` instead.
package enum ClientError: Error, Sendable, Hashable, CustomStringConvertible {
  /// There is no profile in this folder.
  case noProfile(path: String)
  /// A file is not what it should be.
  case damagedFile(path: String, reason: String)
  /// A file or folder could not be read or written.
  case fileFailure(path: String, reason: String)
  /// The profile's certificate is past its end: only a new enrolment helps.
  case expiredCertificate(notAfter: Timestamp)
  /// Something received does not agree with what was signed or promised.
  case verification(VerificationFailure)

  package var text: Text {
    switch self {
    case .noProfile(let path):
      Text(
        vi: "Không có hồ sơ nào ở \(path). Hãy ghi danh bằng `ndx enrol`.",
        en: "There is no profile at \(path). Enrol with `ndx enrol`.")
    case .damagedFile(let path, let reason):
      Text(vi: "Tệp \(path) không hợp lệ: \(reason).", en: "\(path) is not valid: \(reason).")
    case .fileFailure(let path, let reason):
      Text(
        vi: "Không đọc hoặc ghi được \(path): \(Self.clause(reason)).",
        en: "\(path) could not be read or written: \(Self.clause(reason)).")
    case .expiredCertificate(let notAfter):
      Text(
        vi: "Chứng thư đã hết hạn lúc \(notAfter). Hãy ghi danh lại.",
        en: "The certificate expired at \(notAfter). Enrol again.")
    case .verification(let failure): failure.text
    }
  }

  package var description: String { text.en }

  /// A reason as part of a sentence: what the system gives is sometimes a whole one.
  private static func clause(_ reason: String) -> String {
    reason.hasSuffix(".") ? String(reason.dropLast()) : reason
  }
}

/// What did not agree, and where.
package enum VerificationFailure: Sendable, Hashable {
  /// The certificate issued is not for our key or not from the authority we were told to trust.
  case certificate(reason: String)
  /// The connector's manifest is not the one that was ordered.
  case manifest(expected: Digest, actual: Digest)
  /// The connector serves another revision.
  case revision(expected: RevisionID, actual: RevisionID)
  /// A file is not what the manifest says.
  case file(path: String, expected: Digest, actual: Digest)
  /// The connector sent a chunk that is not the next one, or more than the manifest says.
  case chunk(path: String, expectedOffset: Int64, actualOffset: Int64)
  /// A delivery receipt or its signatures do not hold.
  case receipt(reason: String)
  /// An entry is not proven to be in the log.
  case logProof(reason: String)

  /// Stable, in UPPER_SNAKE_CASE, as the reasons of refusals are.
  package var reason: String {
    switch self {
    case .certificate: "CERTIFICATE_NOT_VERIFIED"
    case .manifest: "MANIFEST_DIFFERS"
    case .revision: "REVISION_DIFFERS"
    case .file: "FILE_DIFFERS"
    case .chunk: "CHUNK_OUT_OF_PLACE"
    case .receipt: "RECEIPT_NOT_VERIFIED"
    case .logProof: "PROOF_NOT_VERIFIED"
    }
  }

  package var text: Text {
    switch self {
    case .certificate(let reason):
      Text(vi: "Chứng thư nhận được không đúng: \(reason).", en: "Wrong certificate: \(reason).")
    case .manifest(let expected, let actual):
      Text(
        vi: "Bản kê nội dung là \(actual), đã đặt \(expected).",
        en: "The manifest is \(actual), ordered was \(expected).")
    case .revision(let expected, let actual):
      Text(
        vi: "Nhận bản \(actual), đã đặt bản \(expected).",
        en: "Served is revision \(actual), ordered was \(expected).")
    case .file(let path, let expected, let actual):
      Text(
        vi: "Tệp \(path) có SHA-256 \(actual), bản kê ghi \(expected).",
        en: "\(path) has SHA-256 \(actual), the manifest says \(expected).")
    case .chunk(let path, let expected, let actual):
      Text(
        vi: "Đoạn của \(path) bắt đầu ở \(actual) thay vì \(expected).",
        en: "A chunk of \(path) starts at \(actual) instead of \(expected).")
    case .receipt(let reason):
      Text(vi: "Biên nhận không đúng: \(reason).", en: "The receipt does not verify: \(reason).")
    case .logProof(let reason):
      Text(vi: "Bằng chứng không đúng: \(reason).", en: "The proof does not verify: \(reason).")
    }
  }
}
