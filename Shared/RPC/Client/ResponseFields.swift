import Model

/// The header and trailer fields of a response: gRPC's own taken apart, the rest kept as metadata.
struct ResponseFields {
  /// Longest header list taken, for header fields and trailers each.
  static let limitBytes = 64 << 10

  /// The server's own fields before the first message.
  private(set) var initialMetadata = Metadata()
  /// The server's own fields that came with the status.
  private(set) var trailingMetadata = Metadata()

  private(set) var encoding = ContentCoding.identity

  /// Fields of the block that is arriving.
  private var block = Metadata()
  private var blockBytes = 0
  private var httpStatus = 0
  private var isGRPC = false
  private var code: StatusCode?
  private var message = ""
  private var details: ErrorDetails?

  var isTooLong: Bool { blockBytes > Self.limitBytes }

  mutating func add(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    blockBytes += name.count + value.count + HeaderBlock.fieldOverheadBytes
    guard !isTooLong else { return }
    if name.starts(with: ":") {
      if name.equals(":status") { httpStatus = Self.number(value) ?? 0 }
    } else if name.equals("content-type") {
      isGRPC = ContentType(value) != .other
    } else if name.equals("grpc-status") {
      code = Self.number(value).flatMap(StatusCode.init(rawValue:)) ?? .unknown
    } else if name.equals("grpc-encoding") {
      encoding = ContentCoding(value)
    } else if name.equals("grpc-message") {
      message = PercentEncoding.decode(value)
    } else if name.equals("grpc-status-details-bin") {
      details = StatusDetails.decode(String(decoding: value, as: UTF8.self))
    } else {
      block.addReceived(name, value)
    }
  }

  /// A block of fields is complete. An interim response (RFC 9110, 15.2) says nothing of the call.
  mutating func endBlock(isLast: Bool) {
    if isLast {
      trailingMetadata = block
    } else if !isInterim {
      initialMetadata = block
    }
    block = Metadata()
    blockBytes = 0
  }

  /// The call's status, once it has come.
  var status: RPCStatus? {
    code.map { RPCStatus(code: $0, message: message, details: details) }
  }

  /// Why the header fields are not those of a gRPC response; nil when they are, or when the response is interim.
  func refusal(isLast: Bool) -> RPCStatus? {
    if isInterim || code != nil || httpStatus == 200 && isGRPC { return nil }
    let code: StatusCode =
      switch httpStatus {
      case 400: .internal
      case 401: .unauthenticated
      case 403: .permissionDenied
      case 404: .unimplemented
      case 429, 502, 503, 504: .unavailable
      default: .unknown
      }
    return RPCStatus(code: code, message: "not a gRPC response: HTTP status \(httpStatus)")
  }

  private var isInterim: Bool { (100..<200).contains(httpStatus) }

  /// Up to three decimal digits without leading zeros.
  private static func number(_ digits: UnsafeRawBufferPointer) -> Int? {
    guard (1...3).contains(digits.count), digits.count == 1 || digits[0] != 0x30 else { return nil }
    var number = 0
    for digit in digits {
      guard (0x30...0x39).contains(digit) else { return nil }
      number = number * 10 + Int(digit - 0x30)
    }
    return number
  }
}
