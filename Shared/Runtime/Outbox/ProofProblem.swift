package import Model
import RPC
package import TransparencyLog

/// Why a producer does not believe that the log holds its events. They stay in the outbox meanwhile; new ones are sent as ever.
package enum ProofProblem: Sendable, Hashable {
  /// The log is signed by another key than the one that this producer believes.
  case otherKey(expected: String, shown: String)
  /// The checkpoint does not have the form or the signature it must have.
  case badCheckpoint(LogFormatError)
  /// The log is smaller than it was.
  case rollback(from: Int, to: Int)
  /// Two signed checkpoints that no single log can have.
  case fork(from: Int, to: Int)
  /// The log's proof does not lead from an event to the signed root.
  case notIncluded(sequence: Int64, index: Int, size: Int)
  /// The log has taken an event, and signs no checkpoint that covers it.
  case uncovered(index: Int)
  /// The log refuses to prove what it has signed.
  case refused(reason: String, message: String)
  /// What this service has noted of the log was altered.
  case alteredTrust(LogFormatError)

  /// What is wrong and what to do, for operators.
  package var text: Text {
    switch self {
    case .otherKey(let expected, let shown):
      Text(
        vi:
          "nhật ký ký bằng khoá \(shown), không phải \(expected). Hãy hỏi người vận hành nhật ký; nếu khoá thật sự đã đổi, đặt khoá mới vào log-verifier-key rồi khởi động lại dịch vụ",
        en:
          "the log signs with the key \(shown), not \(expected). Ask the log's operator; if the key was really changed, set log-verifier-key to the new one and start this service again"
      )
    case .badCheckpoint(let error):
      Text(
        vi:
          "điểm kiểm tra của nhật ký không đúng: \(error.text[.vi]) Hãy kiểm tra nhật ký (VerifyLog)",
        en:
          "the log's checkpoint does not verify: \(error.text[.en]) Have the log verified (VerifyLog)"
      )
    case .rollback(let from, let to):
      Text(
        vi:
          "nhật ký đã có \(from) mục, nay chỉ còn \(to): nó là bản sao cũ. Hãy khôi phục bản mới hơn của nhật ký",
        en:
          "the log had \(from) entries and has but \(to): it is an old copy. Restore a newer copy of the log"
      )
    case .fork(let from, let to):
      Text(
        vi:
          "nhật ký cỡ \(to) không nối tiếp nhật ký cỡ \(from) đã ký trước đó: lịch sử bị viết lại. Giữ tệp log-evidence, báo cho kiểm toán viên",
        en:
          "the log of size \(to) does not continue the one of size \(from) that was signed before: its history was rewritten. Keep the log-evidence file and tell the auditors"
      )
    case .notIncluded(let sequence, let index, let size):
      Text(
        vi:
          "sự kiện \(sequence) không nằm ở mục \(index) của nhật ký cỡ \(size) như biên nhận đã ghi. Giữ tệp log-evidence, hãy kiểm tra nhật ký (VerifyLog)",
        en:
          "event \(sequence) is not entry \(index) of the log of size \(size), as its receipt says. Keep the log-evidence file and have the log verified (VerifyLog)"
      )
    case .uncovered(let index):
      Text(
        vi:
          "nhật ký đã nhận mục \(index) mà không ký điểm kiểm tra bao gồm nó. Hãy xem dịch vụ audit và các nhân chứng",
        en:
          "the log has taken entry \(index) and signs no checkpoint that covers it. Look at the audit service and its witnesses"
      )
    case .refused(let reason, let message):
      Text(
        vi: "nhật ký từ chối chứng minh điều nó đã ký: \(reason): \(message)",
        en: "the log refuses to prove what it has signed: \(reason): \(message)")
    case .alteredTrust(let error):
      Text(
        vi:
          "điểm kiểm tra mà dịch vụ này đã lưu (outbox_proof) bị sửa: \(error.text[.vi]) Hãy khôi phục cơ sở dữ liệu này",
        en:
          "the checkpoint that this service has stored (outbox_proof) was altered: \(error.text[.en]) Restore this database"
      )
    }
  }

  /// What tells the evidence of one problem from that of another; nil when there is none to keep.
  var evidenceName: String? {
    switch self {
    case .otherKey, .badCheckpoint: "checkpoint"
    case .rollback(let from, _): "rollback-\(from)"
    case .fork(let from, _): "fork-\(from)"
    case .notIncluded(_, let index, _): "entry-\(index)"
    case .uncovered, .refused, .alteredTrust: nil
    }
  }
}

/// A problem with what shows it.
struct ProofFailure: Error {
  let problem: ProofProblem
  /// The notes and hashes that contradict each other, for whoever must judge.
  let evidence: [(title: String, text: String)]

  init(_ problem: ProofProblem, evidence: [(title: String, text: String)] = []) {
    self.problem = problem
    self.evidence = evidence
  }

  /// Nil for a failure that passes by itself.
  init?(_ error: any Error) {
    if let failure = error as? ProofFailure {
      self = failure
      return
    }
    let lasting: Set<StatusCode> = [
      .invalidArgument, .notFound, .failedPrecondition, .permissionDenied, .outOfRange,
      .unimplemented,
    ]
    guard let status = error as? RPCStatus, lasting.contains(status.code) else { return nil }
    let reason = status.details?.reason ?? "\(status.code)"
    self.init(.refused(reason: reason, message: status.message))
  }
}
