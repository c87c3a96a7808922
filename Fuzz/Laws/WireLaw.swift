import CProtobufC
import Model
import Synchronization

@testable import Codec

/// Two bytes choose the message type, the others are its protobuf.
enum WireLaw {
  /// Message types by a hash of their names, so that a kept input stays with its type when others are added.
  private static let types = Dictionary(
    WireMessages.all.map { (number(of: $0.messageName), $0) },
    uniquingKeysWith: { first, _ in first })
  private static let schemas = Mutex<[UInt: WireSchema]>([:])
  /// Memory that unpacking may take for each byte of a message: two bytes make a struct of at most some hundred.
  private static let bytesPerByte = 512

  /// The number that chooses a type: FNV-1a, folded.
  static func number(of name: String) -> UInt16 {
    let hash = name.utf8.reduce(2_166_136_261 as UInt32) { ($0 ^ UInt32($1)) &* 16_777_619 }
    return UInt16(truncatingIfNeeded: hash ^ hash >> 16)
  }

  static func check(_ bytes: [UInt8]) throws {
    var input = FuzzInput(bytes)
    let number = UInt16(input.byte()) << 8 | UInt16(input.byte())
    let all = WireMessages.all
    let type = types[number] ?? all[Int(number) % all.count]
    let message = Array(input.rest)
    let isDecoded = try decode(type, message)
    if let type = type as? any CConvertible.Type {
      try unpack(type, message, isDecoded: isDecoded)
    }
  }

  /// What is decoded encodes to bytes that decode to the same; what is refused says why in both languages.
  private static func decode<Message: WireMessage>(
    _ type: Message.Type, _ bytes: [UInt8]
  ) throws -> Bool {
    let message: Message
    do {
      message = try Message.decode(bytes)
    } catch let error as InvalidArgument {
      let violation = try require(error.violations.first, "a refusal names no rule")
      try require(
        !violation.rule.isEmpty && !violation.text.vi.isEmpty && !violation.text.en.isEmpty,
        "a refusal has no text")
      return false
    }
    let encoded = message.serialized()
    guard let again = try? Message.decode(encoded) else {
      throw BrokenLaw(description: "\(Message.messageName): what we encode we refuse: \(encoded)")
    }
    try require(again.serialized() == encoded, "\(Message.messageName): encoding is not stable")
    // Not a number is the one value that differs from itself.
    try require(
      again == message || message != message,
      "\(Message.messageName): a value changes when it is encoded")
    return true
  }

  /// What the check accepts protobuf-c unpacks, in bounded memory, and packs again.
  /// Every piece comes from malloc here, so that the sanitizer sees where it ends.
  private static func unpack<Message: CConvertible>(
    _ type: Message.Type, _ bytes: [UInt8], isDecoded: Bool
  ) throws {
    let descriptor = try require(
      withUnsafePointer(to: Message.blank()) {
        UnsafeRawPointer($0).assumingMemoryBound(to: ProtobufCMessage.self).pointee.descriptor
      }, "a message has no descriptor")
    let isAccepted = bytes.withUnsafeBytes { (try? schema(descriptor).check($0)) != nil }
    guard isAccepted else { return try require(!isDecoded, "decoded in spite of the check") }
    let memory = CountedMemory()
    try memory.withAllocator { allocator in
      let unpacked = protobuf_c_message_unpack(descriptor, allocator, bytes.count, bytes)
      let message = try require(unpacked, "protobuf-c does not unpack what the check accepts")
      defer { protobuf_c_message_free_unpacked(message, allocator) }
      try require(
        memory.allocatedBytes <= 4096 + bytes.count * bytesPerByte,
        "\(bytes.count) bytes unpack to \(memory.allocatedBytes)")
      let value = try? Message(
        UnsafeRawPointer(message).assumingMemoryBound(to: Message.CMessage.self))
      try require((value != nil) == isDecoded, "unpacked by hand, the message reads differently")
      var packed = [UInt8](repeating: 0, count: protobuf_c_message_get_packed_size(message))
      let count = protobuf_c_message_pack(message, &packed)
      try require(count == packed.count, "protobuf-c packs another size than it says")
    }
    try require(memory.blocks == 0, "unpacking leaks")
  }

  private static func schema(_ descriptor: UnsafePointer<ProtobufCMessageDescriptor>) -> WireSchema
  {
    schemas.withLock { schemas in
      let key = UInt(bitPattern: descriptor)
      if let schema = schemas[key] { return schema }
      let schema = WireSchema(of: descriptor, text: textFields)
      schemas[key] = schema
      return schema
    }
  }
}
