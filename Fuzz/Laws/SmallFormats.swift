import Codec
import Model

@testable import RPC

/// The formats that header values are in: what is read and written again reads the same.
enum SmallFormats {
  static func check(_ value: [UInt8]) throws {
    let text = String(decoding: value, as: UTF8.self)
    try timeout(value)
    try percentEncoding(value, text)
    try base64(text)
    try statusDetails(text)
    if let trace = TraceContext(traceparent: text) {
      try require(TraceContext(traceparent: trace.traceparent) == trace, "traceparent changes")
      try require(
        trace.traceID.utf8.count == 32 && trace.spanID != 0, "an invalid trace is accepted")
    }
    if let language = Language(acceptLanguage: text) {
      try require(
        text.lowercased().contains(language.rawValue), "a language nobody named is chosen")
    }
    if let address = ServiceAddress(text) {
      try require(ServiceAddress(address.authority) == address, "an address changes")
    }
  }

  /// Announcing a timeout to the next service never lengthens it, and shortens it by little.
  private static func timeout(_ value: [UInt8]) throws {
    guard let time = value.withUnsafeBytes(GRPCTimeout.parse) else { return }
    try require((2...9).contains(value.count) && time >= .zero, "a malformed timeout is accepted")
    let text = Array(GRPCTimeout.format(time).utf8)
    let again = try require(text.withUnsafeBytes(GRPCTimeout.parse), "we write a malformed timeout")
    try require(again <= max(time, .microseconds(1)), "a timeout grows when it is passed on")
    if time < .seconds(99_999_999) {
      try require(time - again <= time / 10_000 + .microseconds(1), "a timeout shrinks")
    }
  }

  private static func percentEncoding(_ value: [UInt8], _ text: String) throws {
    for text in [text, PercentEncoding.decode(value)] {
      let encoded = PercentEncoding.encode(text)
      try require(
        encoded.utf8.allSatisfy { (0x20...0x7e).contains($0) } && encoded.first != " "
          && encoded.last != " ", "an encoded message may not be a header's value")
      try require(
        PercentEncoding.decode(encoded.utf8).utf8.elementsEqual(text.utf8),
        "a message changes when it is encoded")
      let short = PercentEncoding.encode(text, limit: 20)
      try require(
        short.utf8.count <= 20 && text.utf8.starts(with: PercentEncoding.decode(short.utf8).utf8),
        "a shortened message is not the message's beginning")
    }
  }

  private static func base64(_ text: String) throws {
    guard let bytes = Base64.decode(text) else { return }
    let encoded = Base64.encode(bytes)
    try require(Base64.decode(encoded) == bytes, "base64 changes")
    try require(
      Base64.decode(encoded.prefix { $0 != "=" }) == bytes, "base64 without padding changes")
  }

  /// Reading what we wrote changes nothing any more; other people's details may say more than we keep.
  private static func statusDetails(_ text: String) throws {
    guard let details = StatusDetails.decode(text) else { return }
    func rewritten(_ details: ErrorDetails) throws -> ErrorDetails {
      let status = RPCStatus(code: .internal, message: "", details: details)
      return try require(
        StatusDetails.decode(StatusDetails.encode(status)), "we do not read the details we write")
    }
    let once = try rewritten(details)
    try require(
      once.reason == details.reason && once.metadata == details.metadata
        && once.localizedMessage == details.localizedMessage
        && once.retryAfterMilliseconds == details.retryAfterMilliseconds,
      "error details change when they are written")
    try require(try rewritten(once) == once, "error details change when they are written again")
  }
}
