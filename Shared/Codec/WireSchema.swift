import CProtobufC

/// What the wire check needs to know of a message and of those within it, taken once from the
/// descriptor that protobuf-c unpacks by.
final class WireSchema: Sendable {
  /// How a field is encoded.
  enum Encoding: UInt8 {
    case varint
    case fixed32
    case fixed64
    case bytes
    case text
    case message
  }

  struct Field {
    let number: UInt32
    let encoding: Encoding
    let isRepeated: Bool
    /// Index in `messages` of the message that the field holds.
    let message: Int
  }

  struct Message {
    /// The part of `fields`, in the order of their numbers.
    let fields: Range<Int>
  }

  /// Where protobuf-c's descriptor of the message is, a constant of the program.
  private let address: UInt
  /// The message itself first.
  let messages: [Message]
  let fields: [Field]
  /// Names of the fields, for failures.
  let names: [String]

  var descriptor: UnsafePointer<ProtobufCMessageDescriptor>? { UnsafePointer(bitPattern: address) }

  init(
    of descriptor: UnsafePointer<ProtobufCMessageDescriptor>?,
    text textFields: [String: Set<UInt32>]
  ) {
    address = UInt(bitPattern: descriptor)
    var collector = Collector(textFields: textFields)
    if let descriptor { collector.collect(from: descriptor) }
    messages = collector.messages
    fields = collector.fields
    names = collector.names
  }
}

/// Walks the descriptors, breadth first, each message once.
private struct Collector {
  let textFields: [String: Set<UInt32>]
  var messages: [WireSchema.Message] = []
  var fields: [WireSchema.Field] = []
  var names: [String] = []
  private var pending: [UnsafePointer<ProtobufCMessageDescriptor>] = []

  init(textFields: [String: Set<UInt32>]) {
    self.textFields = textFields
  }

  mutating func collect(from root: UnsafePointer<ProtobufCMessageDescriptor>) {
    pending = [root]
    while messages.count < pending.count { append(pending[messages.count].pointee) }
  }

  private mutating func append(_ descriptor: ProtobufCMessageDescriptor) {
    let start = fields.count
    let text = descriptor.name.map { textFields[String(cString: $0)] ?? [] } ?? []
    for field in UnsafeBufferPointer(start: descriptor.fields, count: Int(descriptor.n_fields)) {
      let isText = text.contains(field.id)
      fields.append(
        WireSchema.Field(
          number: field.id, encoding: encoding(field.type, isText: isText),
          isRepeated: field.label == PROTOBUF_C_LABEL_REPEATED, message: index(of: field)))
      names.append(field.name.map { String(cString: $0) } ?? "")
    }
    messages.append(WireSchema.Message(fields: start..<fields.count))
  }

  private mutating func index(of field: ProtobufCFieldDescriptor) -> Int {
    guard field.type == PROTOBUF_C_TYPE_MESSAGE, let held = field.descriptor else { return 0 }
    let descriptor = held.assumingMemoryBound(to: ProtobufCMessageDescriptor.self)
    if let known = pending.firstIndex(of: descriptor) { return known }
    pending.append(descriptor)
    return pending.count - 1
  }

  private func encoding(_ type: ProtobufCType, isText: Bool) -> WireSchema.Encoding {
    switch type {
    case PROTOBUF_C_TYPE_FIXED32, PROTOBUF_C_TYPE_SFIXED32, PROTOBUF_C_TYPE_FLOAT: .fixed32
    case PROTOBUF_C_TYPE_FIXED64, PROTOBUF_C_TYPE_SFIXED64, PROTOBUF_C_TYPE_DOUBLE: .fixed64
    case PROTOBUF_C_TYPE_BYTES, PROTOBUF_C_TYPE_STRING: isText ? .text : .bytes
    case PROTOBUF_C_TYPE_MESSAGE: .message
    default: .varint
    }
  }
}
