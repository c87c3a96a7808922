package import Model
import RPC

/// Why events cannot be sent until somebody does something. They are kept meanwhile, and those after them too.
package enum OutboxProblem: Error, Sendable, Hashable {
  /// The log holds other events of this producer from `received` to `expected` - 1.
  case sequenceReused(expected: Int64, received: Int64)
  /// The log lacks events for which this producer has receipts, from `expected` to `received` - 1.
  case sequenceGap(expected: Int64, received: Int64)
  /// The log refuses an event for itself, and always will.
  case refused(reason: String, message: String)
  /// The log answered with something else than the receipts of the events that it was sent.
  case badReceipt(String)

  /// Nil for a failure that passes by itself.
  init?(_ error: any Error) {
    if let problem = error as? OutboxProblem {
      self = problem
      return
    }
    guard let status = error as? RPCStatus else { return nil }
    let details = status.details
    let numbers = ["expected_sequence", "received_sequence"].compactMap { name in
      details?.metadata[name].flatMap { Int64($0) }
    }
    switch (details?.reason, numbers.count) {
    case ("SEQUENCE_REUSED", 2):
      self = .sequenceReused(expected: numbers[0], received: numbers[1])
    case ("SEQUENCE_GAP", 2): self = .sequenceGap(expected: numbers[0], received: numbers[1])
    default:
      let lasting: Set<StatusCode> = [
        .invalidArgument, .alreadyExists, .failedPrecondition, .permissionDenied, .outOfRange,
      ]
      guard lasting.contains(status.code) else { return nil }
      self = .refused(reason: details?.reason ?? "\(status.code)", message: status.message)
    }
  }

  /// What is wrong and what to do, for operators.
  package var text: Text {
    switch self {
    case .sequenceReused(let expected, let received):
      Text(
        vi:
          "nhật ký đã có sự kiện khác mang số \(received) đến \(expected - 1): cơ sở dữ liệu này là bản sao cũ. Hãy khôi phục bản mới hơn; nếu không có, dừng dịch vụ và chạy lệnh resume-events với --next \(expected)",
        en:
          "the log has other events under the numbers \(received) to \(expected - 1): this database is an old copy. Restore a newer one; if there is none, stop the service and run its command resume-events with --next \(expected)"
      )
    case .sequenceGap(let expected, let received):
      Text(
        vi:
          "nhật ký thiếu sự kiện \(expected) đến \(received - 1) mà dịch vụ này đã có biên nhận: nhật ký là bản sao cũ hoặc bảng outbox bị sửa. Hãy khôi phục bản mới hơn",
        en:
          "the log lacks the events \(expected) to \(received - 1), which this service has receipts for: the log is an old copy, or the outbox was altered. Restore a newer copy of that database"
      )
    case .refused(let reason, let message):
      Text(
        vi: "nhật ký từ chối sự kiện kế tiếp: \(reason): \(message)",
        en: "the log refuses the next event: \(reason): \(message)")
    case .badReceipt(let problem):
      Text(
        vi: "biên nhận của nhật ký không đúng: \(problem). Hãy kiểm tra nhật ký (VerifyLog)",
        en: "the receipts of the log do not verify: \(problem). Have the log verified (VerifyLog)")
    }
  }
}
