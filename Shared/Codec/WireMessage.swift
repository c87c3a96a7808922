package import Model

/// A message that goes over the wire in protobuf.
package protocol WireMessage: ProtoMessage {
  /// Checks the bytes, decodes them and enforces every rule that the proto declares beside a field.
  /// Throws `InvalidArgument` naming the field's path and the rule. Unknown fields are dropped,
  /// unknown enumeration values kept, text is normalised to NFC.
  static func decode(_ bytes: UnsafeRawBufferPointer) throws -> Self

  /// The message in protobuf after `prefix` zero bytes, which the caller fills in. The same value
  /// always gives the same bytes: fields by number, map entries by key.
  func serialized(reserving prefix: Int) -> [UInt8]
}

extension WireMessage {
  /// The same as `decode(_:)` for an array.
  package static func decode(_ bytes: [UInt8]) throws -> Self {
    // Unlike `withUnsafeBytes`, this is specialised.
    try bytes.withUnsafeBufferPointer { try decode(UnsafeRawBufferPointer($0)) }
  }

  /// The message in protobuf.
  package func serialized() -> [UInt8] { serialized(reserving: 0) }
}
