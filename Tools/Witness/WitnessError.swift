package import Model

/// Why a witness cannot work.
package enum WitnessError: Error, Sendable, Hashable {
  /// Another process works in the folder.
  case inUse(folder: String)
  /// A name is needed for the key that is to be made.
  case unnamed
  /// The witness has another name.
  case otherName(String)
  /// Without a log there is nothing to witness.
  case noLogs
  /// A file of the witness is not what it wrote.
  case damaged(path: String)
  case cannotWrite(path: String)
  /// The certificate and key do not serve.
  case badCertificate(String)
  case cannotListen(address: String, why: String)

  package var text: Text {
    switch self {
    case .inUse(let folder):
      Text(
        vi: "Một tiến trình khác đang dùng thư mục \(folder).",
        en: "Another process is using the folder \(folder).")
    case .unnamed:
      Text(
        vi: "Hãy đặt tên cho nhân chứng (--name); tên là một phần của khoá và không đổi về sau.",
        en: "Give the witness a name (--name); it is part of its key and never changes.")
    case .otherName(let name):
      Text(vi: "Nhân chứng này có tên \(name).", en: "The name of this witness is \(name).")
    case .noLogs:
      Text(
        vi: "Hãy nêu khoá của ít nhất một nhật ký (--log).",
        en: "Name at least one log by its key (--log).")
    case .damaged(let path):
      Text(
        vi: "Tệp \(path) không đúng như nhân chứng đã ghi.",
        en: "The file \(path) is not what this witness wrote.")
    case .cannotWrite(let path):
      Text(vi: "Không ghi được \(path).", en: "\(path) cannot be written.")
    case .badCertificate(let why):
      Text(
        vi: "Chứng thư và khoá của máy chủ không dùng được: \(why).",
        en: "The server's certificate and key cannot be used: \(why).")
    case .cannotListen(let address, let why):
      Text(
        vi: "Không lắng nghe được ở \(address): \(why)", en: "Cannot listen on \(address): \(why)"
      )
    }
  }
}

extension WitnessError: CustomStringConvertible {
  package var description: String { text.en }
}
