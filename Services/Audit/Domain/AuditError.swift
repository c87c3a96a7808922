package import Model

/// Why audit refuses what was asked.
package enum AuditError: DomainError, Hashable {
  /// The event is in the log with other content.
  case eventConflict(EventID)
  /// The producer's next event is another one: something in between was not sent.
  case sequenceGap(producer: String, expected: Int64, received: Int64)
  /// The producer's sequence number belongs to another event.
  case sequenceReused(producer: String, expected: Int64, received: Int64)
  case entryNotFound(index: Int64)
  case eventNotFound(EventID)
  /// No checkpoint covers a log of this size.
  case sizeNotPublished(size: Int64, published: Int64)
  /// The first size of a consistency proof exceeds the second.
  case sizesReversed
  /// The entry is stored but no checkpoint covers it yet.
  case checkpointPending
  /// The whole log is being checked for somebody else.
  case verificationRunning
  /// No entry with details names the subject.
  case subjectNotFound
  /// The details are erased, but the disk did not take that from the log of changes too.
  case erasureUnfinished

  package static var domain: String { "ndx.audit" }

  package var status: StatusCode {
    switch self {
    case .eventConflict: .alreadyExists
    case .sequenceGap, .sequenceReused: .failedPrecondition
    case .entryNotFound, .eventNotFound, .subjectNotFound: .notFound
    case .sizeNotPublished: .outOfRange
    case .sizesReversed: .invalidArgument
    case .checkpointPending, .erasureUnfinished: .unavailable
    case .verificationRunning: .resourceExhausted
    }
  }

  package var reason: String {
    switch self {
    case .eventConflict: "EVENT_CONFLICT"
    case .sequenceGap: "SEQUENCE_GAP"
    case .sequenceReused: "SEQUENCE_REUSED"
    case .entryNotFound, .eventNotFound: "ENTRY_NOT_FOUND"
    case .sizeNotPublished: "SIZE_NOT_PUBLISHED"
    case .sizesReversed: "SIZES_REVERSED"
    case .checkpointPending: "CHECKPOINT_PENDING"
    case .verificationRunning: "VERIFICATION_RUNNING"
    case .subjectNotFound: "SUBJECT_NOT_FOUND"
    case .erasureUnfinished: "ERASURE_UNFINISHED"
    }
  }

  package var metadata: [String: String] {
    switch self {
    case .eventConflict(let id), .eventNotFound(let id): ["event_id": "\(id)"]
    case .sequenceGap(let producer, let expected, let received),
      .sequenceReused(let producer, let expected, let received):
      [
        "producer": producer, "expected_sequence": "\(expected)",
        "received_sequence": "\(received)",
      ]
    case .entryNotFound(let index): ["index": "\(index)"]
    case .sizeNotPublished(let size, let published):
      ["size": "\(size)", "published_size": "\(published)"]
    case .sizesReversed, .checkpointPending, .verificationRunning, .subjectNotFound,
      .erasureUnfinished:
      [:]
    }
  }

  package var retryAfterMilliseconds: Int64? {
    switch self {
    case .checkpointPending: 500
    case .erasureUnfinished: 1_000
    case .verificationRunning: 60_000
    default: nil
    }
  }
}

extension AuditError {
  package var text: Text {
    switch self {
    case .eventConflict(let id):
      Text(
        vi: "Sự kiện \(id) đã có trong nhật ký với nội dung khác.",
        en: "Event \(id) is in the log with other content.")
    case .sequenceGap(let producer, let expected, let received):
      Text(
        vi: "Sự kiện kế tiếp của \(producer) phải là số \(expected), không phải \(received).",
        en: "The next event of \(producer) must be number \(expected), not \(received).")
    case .sequenceReused(let producer, let expected, let received):
      Text(
        vi: "Số \(received) của \(producer) thuộc về sự kiện khác; số kế tiếp là \(expected).",
        en: "Number \(received) of \(producer) is another event's; the next one is \(expected).")
    case .entryNotFound(let index):
      Text(vi: "Nhật ký không có mục \(index).", en: "The log has no entry \(index).")
    case .eventNotFound(let id):
      Text(vi: "Nhật ký không có sự kiện \(id).", en: "The log has no event \(id).")
    case .sizeNotPublished(let size, let published):
      Text(
        vi: "Nhật ký mới được công bố đến cỡ \(published), chưa đến \(size).",
        en: "The log is published up to size \(published), not \(size).")
    case .sizesReversed:
      Text(
        vi: "Cỡ thứ nhất phải không lớn hơn cỡ thứ hai.",
        en: "The first size must not exceed the second.")
    case .checkpointPending:
      Text(
        vi: "Mục này chưa được ký xác nhận; hãy thử lại ngay sau đây.",
        en: "No checkpoint covers this entry yet; try again shortly.")
    case .verificationRunning:
      Text(
        vi: "Nhật ký đang được kiểm tra cho người khác; hãy thử lại sau.",
        en: "The log is being verified for somebody else; try again later.")
    case .subjectNotFound:
      Text(
        vi: "Nhật ký không giữ chi tiết nào về đối tượng này.",
        en: "The log holds no details about this subject.")
    case .erasureUnfinished:
      Text(
        vi: "Chi tiết đã xóa nhưng bản cũ còn trong tệp nhật ký ghi; hãy gửi lại yêu cầu này.",
        en:
          "The details are erased, but the write-ahead log still holds them; send this request again."
      )
    }
  }

  package var violations: [FieldViolation] {
    self == .sizesReversed
      ? [FieldViolation(field: "first_size", rule: "integer.lte", text: text)] : []
  }
}
