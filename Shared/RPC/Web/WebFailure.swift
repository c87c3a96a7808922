package import Model

/// Why there is no answer to a request over the web. An answer with any HTTP status is none of these.
package enum WebFailure: Error, Sendable, Hashable {
  /// Not an address of a web server: no https, nor http on loopback.
  case badAddress(String)
  /// Nobody could be reached there in time.
  case unreachable(String)
  /// The server did not prove who it is.
  case untrusted(String)
  /// The whole answer did not come in time.
  case timedOut
  /// The connection ended before the whole answer was there.
  case ended
  /// More bytes than are taken: "head" or "body".
  case tooLong(String)
  /// Not an answer of HTTP/1.1 whose length is told.
  case malformed(String)

  package var text: Text {
    switch self {
    case .badAddress(let text):
      Text(
        vi: "\(text) không phải địa chỉ https (http chỉ được dùng trên loopback).",
        en: "\(text) is not an https address (http is for loopback only).")
    case .unreachable(let why):
      Text(vi: "Không kết nối được máy chủ: \(why).", en: "The server cannot be reached: \(why).")
    case .untrusted(let why):
      Text(
        vi: "Máy chủ không chứng minh được danh tính: \(why).",
        en: "The server does not prove who it is: \(why).")
    case .timedOut:
      Text(vi: "Máy chủ trả lời quá chậm.", en: "The server answers too slowly.")
    case .ended:
      Text(
        vi: "Kết nối bị đóng trước khi nhận đủ câu trả lời.",
        en: "The connection ended before the whole answer was there.")
    case .tooLong(let part):
      Text(
        vi: "Câu trả lời quá dài (\(part)).", en: "The answer is too long (\(part)).")
    case .malformed(let why):
      Text(
        vi: "Câu trả lời sai định dạng HTTP: \(why).", en: "The answer is not proper HTTP: \(why).")
    }
  }
}

extension WebFailure: CustomStringConvertible {
  package var description: String { text.en }
}
