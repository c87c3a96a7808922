import Model

/// The header fields of a request as they arrive: gRPC's own taken apart, the rest kept as metadata.
final class RequestHead {
  /// Fields that must not come twice (RFC 9110, 5.3): two readers might each believe another one.
  private struct Singles: OptionSet {
    let rawValue: UInt8
    static let contentType = Singles(rawValue: 1)
    static let timeout = Singles(rawValue: 2)
    static let encoding = Singles(rawValue: 4)
    static let traceparent = Singles(rawValue: 8)
  }

  private(set) var method: RegisteredMethod?
  private(set) var isPost = false
  private(set) var contentType = ContentType.other
  private(set) var timeout: Duration?
  private(set) var encoding = ContentCoding.identity
  private(set) var language: Language?
  private(set) var trace: TraceContext?
  private(set) var metadata = Metadata()
  /// As SETTINGS_MAX_HEADER_LIST_SIZE counts (RFC 9113, 6.5.2).
  private(set) var bytes = 0
  /// `:path` when no method has it, as far as is needed to say so.
  private(set) var unknownPath = ""
  private(set) var acceptsGzip = false
  private var acceptsTrailers = false
  private var isTimeoutMalformed = false
  private var seen: Singles = []
  private var repeated: Singles = []

  private static let quotedPathBytes = 256

  private let limit: Int
  private let methods: MethodTable

  /// - Parameter limit: of `bytes`; fields beyond it are only counted.
  init(limit: Int, methods: MethodTable) {
    self.limit = limit
    self.methods = methods
  }

  /// Takes a field; false when there are far too many.
  func add(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) -> Bool {
    bytes += name.count + value.count + 32
    guard bytes <= limit, let first = name.first else { return bytes <= 4 * limit }
    switch first {
    case UInt8(ascii: ":"): addPseudoField(name, value)
    case UInt8(ascii: "g") where name.starts(with: "grpc-"): addProtocolField(name, value)
    case UInt8(ascii: "t"), UInt8(ascii: "c"), UInt8(ascii: "a"): addKnownField(name, value)
    default: metadata.addReceived(name, value)
    }
    return true
  }

  /// Why the call cannot be accepted, whatever its method.
  var refusal: CallRefusal? {
    if bytes > limit { return .headersTooLong(limit: limit) }
    if case .unsupported(let format) = contentType { return .unsupportedFormat(format) }
    if !acceptsTrailers { return .malformedRequest("te is not trailers") }
    if !repeated.subtracting(.traceparent).isEmpty { return .malformedRequest("repeated field") }
    if isTimeoutMalformed { return .malformedTimeout }
    if timeout == .zero { return .deadlinePassed }
    if case .unsupported(let name) = encoding { return .unsupportedCompression(name) }
    return nil
  }

  private func addPseudoField(
    _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
  ) {
    if name.equals(":path") {
      method = methods[value]
      if method == nil {
        let quoted = value.prefix(Self.quotedPathBytes)
        unknownPath = String(decoding: quoted, as: UTF8.self)
      }
    } else if name.equals(":method") {
      isPost = value.equals("POST")
    }
  }

  private func addProtocolField(
    _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
  ) {
    if name.equals("grpc-timeout") {
      note(.timeout)
      timeout = GRPCTimeout.parse(value)
      isTimeoutMalformed = timeout == nil
    } else if name.equals("grpc-encoding") {
      note(.encoding)
      encoding = ContentCoding(value)
    } else if name.equals("grpc-accept-encoding") {
      acceptsGzip = acceptsGzip || ContentCoding.isGzip(in: value)
    }
    // Other names with this prefix are gRPC's to give a meaning to, not an application's.
  }

  private func addKnownField(
    _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
  ) {
    if name.equals("te") {
      acceptsTrailers = value.equals("trailers")
    } else if name.equals("content-type") {
      note(.contentType)
      contentType = ContentType(value)
    } else if name.equals("traceparent") {
      note(.traceparent)
      trace = repeated.contains(.traceparent) ? nil : TraceContext(traceparent: value)
    } else if name.equals("accept-language") {
      language = language ?? Language(acceptLanguage: value)
    } else {
      metadata.addReceived(name, value)
    }
  }

  private func note(_ field: Singles) {
    if !seen.insert(field).inserted { repeated.insert(field) }
  }
}
