package import Model

/// What became of a record of usage. Raw values are those of the proto and of the database.
package enum UsageOutcome: Int32, Sendable, CaseIterable {
  case counted = 1
  case repeated
  case noSuchOrder
  case periodClosed
  case meterFull
}

/// Why usage is refused as a whole. The raw value is the stable reason.
package enum UsageRefusal: String, Sendable, CaseIterable {
  case sequenceGap = "USAGE_SEQUENCE_GAP"
  case sequenceReused = "USAGE_SEQUENCE_REUSED"
  case notMetered = "ORDER_NOT_METERED"

  /// What people read.
  package var text: Text {
    switch self {
    case .sequenceGap:
      Text(
        vi: "Thiếu bản ghi sử dụng trước bản ghi này.",
        en: "A record of usage is missing before this one.")
    case .sequenceReused:
      Text(
        vi: "Số thứ tự đã dùng cho bản ghi khác.",
        en: "The sequence was used for another record.")
    case .notMetered:
      Text(
        vi: "Đơn hàng không tính tiền theo sử dụng.", en: "The order is not paid by usage.")
    }
  }
}

/// What follows from the place of a record in its sequence.
package enum UsageSequence {
  /// Whether the record is new; false when it was taken in before with the same content.
  ///
  /// - Parameters:
  ///   - taken: the record that was taken in under the same sequence.
  ///   - expected: the sequence that the next new record must have.
  /// - Throws: `SettlementError.usage` for a gap and for a sequence that is used again.
  package static func isNew(
    _ record: SettlementV1.UsageRecord, taken: SettlementV1.UsageRecord?, expected: Int64
  ) throws(SettlementError) -> Bool {
    guard record.sequence <= expected else { throw .usage(.sequenceGap, expected: expected) }
    guard record.sequence < expected else { return true }
    guard taken == record else { throw .usage(.sequenceReused, expected: expected) }
    return false
  }
}
