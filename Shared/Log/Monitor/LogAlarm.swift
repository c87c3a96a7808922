package import Model

/// What a log must never do, seen by somebody who follows it.
package enum LogAlarm: Error, Sendable, Hashable {
  /// The checkpoint does not have the form, the origin or the signature it must have.
  case badCheckpoint(LogFormatError)
  /// The log is smaller than it was.
  case rollback(from: Int, to: Int)
  /// Two signed checkpoints that no single log can have: of one size with different roots, or the smaller no prefix of
  /// the larger.
  case fork(from: Int, to: Int)
  /// Neither entries nor tiles lead to the signed root.
  case wrongRoot(size: Int)
  /// Something that the checkpoint covers is not shown.
  case withheld(path: String)
  /// A tile or bundle holds another number of hashes or entries than it must.
  case wrongLength(path: String)
  case malformedBundle(path: String)
  /// The entry that is shown is not the one that is signed.
  case alteredEntry(index: Int)
  /// A hash of a tile is not that of the entries below it.
  case wrongTile(path: String, hash: Int)
  /// The entry is in the log, but no entry may be as it is.
  case malformedEntry(index: Int)
  /// Numbers of a producer are missing before the entry.
  case gap(producer: String, expected: Int64, found: Int64, index: Int)
  /// A number of a producer comes again.
  case repeated(producer: String, expected: Int64, found: Int64, index: Int)
  /// Not enough witnesses have cosigned the checkpoint; these have.
  case noQuorum(witnesses: [String])
  /// The log has published nothing new for too long.
  case stale(seconds: Int64)

  /// Stable, in UPPER_SNAKE_CASE.
  package var reason: String {
    switch self {
    case .badCheckpoint(let error): "CHECKPOINT_\(error.reason)"
    case .rollback: "ROLLBACK"
    case .fork: "FORK"
    case .wrongRoot: "WRONG_ROOT"
    case .withheld: "WITHHELD"
    case .wrongLength: "WRONG_LENGTH"
    case .malformedBundle: "MALFORMED_BUNDLE"
    case .alteredEntry: "ALTERED_ENTRY"
    case .wrongTile: "WRONG_TILE"
    case .malformedEntry: "MALFORMED_ENTRY"
    case .gap: "SEQUENCE_GAP"
    case .repeated: "SEQUENCE_REPEATED"
    case .noQuorum: "NO_QUORUM"
    case .stale: "STALE"
    }
  }

  /// Whether signed checkpoints alone prove it to anyone.
  package var isContradiction: Bool {
    switch self {
    case .rollback, .fork, .wrongRoot: true
    default: false
    }
  }

  private static func list(_ names: [String]) -> String? {
    names.isEmpty ? nil : names.joined(separator: ", ")
  }

  package var text: Text {
    switch self {
    case .badCheckpoint(let error):
      Text(
        vi: "Điểm kiểm tra không hợp lệ: \(error.text.vi)",
        en: "The checkpoint is bad: \(error.text.en)")
    case .rollback(let from, let to):
      Text(
        vi: "Nhật ký bị lùi từ cỡ \(from) về cỡ \(to).",
        en: "The log went back from size \(from) to size \(to).")
    case .fork(let from, let to):
      Text(
        vi: "Nhật ký bị rẽ nhánh: cỡ \(to) không tiếp nối cỡ \(from) đã thấy.",
        en: "The log is forked: size \(to) does not continue size \(from) as it was seen.")
    case .wrongRoot(let size):
      Text(
        vi: "Các mục và ô băm không dẫn đến gốc đã ký của cỡ \(size).",
        en: "Entries and tiles do not lead to the signed root of size \(size).")
    case .withheld(let path):
      Text(vi: "Nhật ký không đưa ra \(path).", en: "The log does not show \(path).")
    case .wrongLength(let path):
      Text(vi: "\(path) có độ dài sai.", en: "\(path) has the wrong length.")
    case .malformedBundle(let path):
      Text(vi: "\(path) sai định dạng.", en: "\(path) is malformed.")
    case .alteredEntry(let index):
      Text(
        vi: "Mục \(index) không phải là mục đã được ký.",
        en: "Entry \(index) is not the one that is signed.")
    case .wrongTile(let path, let hash):
      Text(
        vi: "Giá trị băm \(hash) của \(path) không khớp với các mục.",
        en: "Hash \(hash) of \(path) is not that of the entries.")
    case .malformedEntry(let index):
      Text(vi: "Mục \(index) sai định dạng.", en: "Entry \(index) is malformed.")
    case .gap(let producer, let expected, let found, let index):
      Text(
        vi: "Mục \(index): \(producer) nhảy từ số \(expected) đến số \(found).",
        en:
          "Entry \(index): number \(found) of \(producer) where \(expected) must be; some are missing."
      )
    case .repeated(let producer, let expected, let found, let index):
      Text(
        vi: "Mục \(index): \(producer) lặp lại số \(found), lẽ ra là \(expected).",
        en: "Entry \(index): number \(found) of \(producer) comes again where \(expected) must be.")
    case .noQuorum(let witnesses):
      Text(
        vi:
          "Điểm kiểm tra chưa đủ chữ ký nhân chứng; đã có: \(Self.list(witnesses) ?? "không ai").",
        en:
          "Not enough witnesses have cosigned the checkpoint; those who have: \(Self.list(witnesses) ?? "none")."
      )
    case .stale(let seconds):
      Text(
        vi: "Đã \(seconds) giây không có điểm kiểm tra mới.",
        en: "There has been no new checkpoint for \(seconds) seconds.")
    }
  }
}

extension LogAlarm: CustomStringConvertible {
  package var description: String { "\(reason): \(text.en)" }
}
