/// What `content-type` says of a request (doc/PROTOCOL-HTTP2.md, Content-Type). Media types have no case (RFC 9110, 8.3.1).
enum ContentType: Equatable {
  /// `application/grpc` or `application/grpc+proto`, perhaps with parameters, which mean nothing to gRPC.
  case protobuf
  /// gRPC with messages in a format that is not ours, such as `json`.
  case unsupported(String)
  /// Not gRPC.
  case other

  init(_ value: UnsafeRawBufferPointer) {
    if value.equals("application/grpc") {
      self = .protobuf
      return
    }
    let end = value.firstIndex(of: UInt8(ascii: ";")) ?? value.endIndex
    let type = UnsafeRawBufferPointer(rebasing: value[..<end]).trimmed
    let plus = type.firstIndex(of: UInt8(ascii: "+")) ?? type.endIndex
    let format = type[plus...].dropFirst()
    guard UnsafeRawBufferPointer(rebasing: type[..<plus]).equalsIgnoringCase("application/grpc")
    else {
      self = .other
      return
    }
    let isProtobuf = UnsafeRawBufferPointer(rebasing: format).equalsIgnoringCase("proto")
    self =
      plus == type.endIndex || isProtobuf
      ? .protobuf : .unsupported(String(decoding: format.prefix(64), as: UTF8.self))
  }
}
