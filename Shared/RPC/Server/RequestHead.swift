import Model

/// The header fields of a request as they arrive: gRPC's own taken apart, the rest kept as metadata.
struct RequestHead {
  private(set) var path = ""
  private(set) var isPost = false
  private(set) var isGRPC = false
  private(set) var acceptsTrailers = false
  private(set) var timeout: Duration?
  private(set) var isTimeoutMalformed = false
  /// `grpc-encoding` when it is not `identity`.
  private(set) var encoding: String?
  private(set) var language: Language?
  private(set) var trace: TraceContext?
  private(set) var metadata = Metadata()
  /// As SETTINGS_MAX_HEADER_LIST_SIZE counts (RFC 9113, 6.5.2).
  private(set) var bytes = 0

  mutating func add(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, limit: Int) {
    bytes += name.count + value.count + 32
    guard bytes <= limit, let first = name.first else { return }
    if first == UInt8(ascii: ":") {
      addPseudoField(name, value)
    } else if name.starts(with: "grpc-") || name.equals("te") || name.equals("content-type") {
      addProtocolField(name, value)
    } else {
      addMetadata(name, value)
    }
  }

  /// Why the call cannot be accepted, whatever its method.
  func refusal(_ configuration: RPCServerConfiguration) -> CallRefusal? {
    let limit = configuration.maximumHeaderListBytes
    if bytes > limit { return .headersTooLong(limit: limit) }
    if !acceptsTrailers { return .malformedRequest("te is not trailers") }
    if isTimeoutMalformed { return .malformedTimeout }
    return encoding.map { .unsupportedCompression($0) }
  }

  private mutating func addPseudoField(
    _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
  ) {
    if name.equals(":path") {
      path = String(decoding: value, as: UTF8.self)
    } else if name.equals(":method") {
      isPost = value.equals("POST")
    }
  }

  private mutating func addProtocolField(
    _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
  ) {
    if name.equals("content-type") {
      isGRPC =
        value.equals("application/grpc") || value.starts(with: "application/grpc+proto")
        || value.starts(with: "application/grpc;")
    } else if name.equals("te") {
      acceptsTrailers = value.equals("trailers")
    } else if name.equals("grpc-timeout") {
      timeout = GRPCTimeout.parse(value)
      isTimeoutMalformed = timeout == nil
    } else if name.equals("grpc-encoding") {
      encoding = value.equals("identity") ? nil : String(decoding: value.prefix(64), as: UTF8.self)
    } else if !name.equals("grpc-accept-encoding") {
      addMetadata(name, value)
    }
  }

  private mutating func addMetadata(
    _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
  ) {
    let text = String(decoding: value, as: UTF8.self)
    if name.equals("traceparent") {
      trace = TraceContext(traceparent: text)
    } else if name.equals("accept-language") {
      language = Language(acceptLanguage: text)
    }
    metadata.addLowercase(String(decoding: name, as: UTF8.self), text)
  }
}

extension UnsafeRawBufferPointer {
  func starts(with text: StaticString) -> Bool {
    count >= text.utf8CodeUnitCount
      && UnsafeRawBufferPointer(rebasing: self[..<text.utf8CodeUnitCount]).equals(text)
  }

  func equals(_ text: StaticString) -> Bool {
    count == text.utf8CodeUnitCount
      && elementsEqual(UnsafeRawBufferPointer(start: text.utf8Start, count: count))
  }
}

extension Language {
  /// The language that an `accept-language` value prefers among ours; nil when it names neither (RFC 9110, 12.5.4).
  init?(acceptLanguage text: String) {
    var best: (language: Language, weight: Double)?
    for item in text.split(separator: ",").prefix(16) {
      let parts = item.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
      guard let tag = parts.first?.split(separator: "-").first,
        let language = Language(rawValue: String(tag))
      else { continue }
      let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap {
        Double($0.dropFirst(2))
      }
      if weight ?? 1 > best?.weight ?? 0 { best = (language, weight ?? 1) }
    }
    guard let best else { return nil }
    self = best.language
  }
}
