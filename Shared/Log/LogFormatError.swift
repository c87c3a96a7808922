package import Model

/// Why a note, proof or receipt is refused.
package enum LogFormatError: DomainError, Hashable {
  /// It does not have the form of its format; the text names the part.
  case malformed(String)
  /// No signature of the expected key is on the note.
  case notSigned(by: String)
  /// The expected key's signature does not fit the text.
  case invalidSignature(of: String)
  /// The checkpoint is of another log.
  case foreignOrigin(String)
  /// The proof does not lead from the entry to the checkpoint's root.
  case notIncluded(index: Int, size: Int)
  /// The checkpoint is not one that the witness policy accepts: only this many of its witnesses have cosigned it.
  case noQuorum(cosigners: Int)

  package static var domain: String { "ndx.log" }
  package var status: StatusCode { .invalidArgument }

  package var reason: String {
    switch self {
    case .malformed: "MALFORMED"
    case .notSigned: "NOT_SIGNED"
    case .invalidSignature: "INVALID_SIGNATURE"
    case .foreignOrigin: "FOREIGN_LOG"
    case .notIncluded: "NOT_INCLUDED"
    case .noQuorum: "NO_QUORUM"
    }
  }

  package var text: Text {
    switch self {
    case .malformed(let part):
      Text(vi: "Sai định dạng: \(part).", en: "Malformed \(part).")
    case .notSigned(let name):
      Text(vi: "Không có chữ ký của khoá \(name).", en: "Not signed by the key \(name).")
    case .invalidSignature(let name):
      Text(
        vi: "Chữ ký của khoá \(name) không đúng.", en: "The signature of the key \(name) is wrong.")
    case .foreignOrigin(let origin):
      Text(vi: "Đây là nhật ký khác: \(origin).", en: "This is another log: \(origin).")
    case .notIncluded(let index, let size):
      Text(
        vi: "Bằng chứng không dẫn từ mục \(index) đến gốc của nhật ký cỡ \(size).",
        en: "The proof does not lead from entry \(index) to the root of the log of size \(size).")
    case .noQuorum(let cosigners):
      Text(
        vi: "Chưa đủ nhân chứng ký xác nhận theo chính sách (mới có \(cosigners)).",
        en: "Not enough witnesses of the policy have cosigned (\(cosigners) have).")
    }
  }

  package var metadata: [String: String] {
    switch self {
    case .malformed(let part): ["part": part]
    case .notSigned(let name), .invalidSignature(let name): ["key": name]
    case .foreignOrigin(let origin): ["origin": origin]
    case .notIncluded(let index, let size): ["index": "\(index)", "size": "\(size)"]
    case .noQuorum(let cosigners): ["cosigners": "\(cosigners)"]
    }
  }
}

extension LogFormatError: CustomStringConvertible {
  package var description: String { text.en }
}
