/// `grpc-encoding`: what the compressed messages of one direction are compressed with. Names have case.
enum ContentCoding: Equatable {
  case identity
  case gzip
  /// The beginning of another name.
  case unsupported(String)

  init(_ value: UnsafeRawBufferPointer) {
    if value.equals("identity") {
      self = .identity
    } else if value.equals("gzip") {
      self = .gzip
    } else {
      self = .unsupported(String(decoding: value.prefix(64), as: UTF8.self))
    }
  }

  /// Whether a `grpc-accept-encoding` names gzip.
  static func isGzip(in list: UnsafeRawBufferPointer) -> Bool {
    list.split(separator: UInt8(ascii: ",")).contains {
      UnsafeRawBufferPointer(rebasing: $0).trimmed.equals("gzip")
    }
  }
}
