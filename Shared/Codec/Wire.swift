import CProtobufC
import Model

/// A value with a struct of protobuf-c behind it.
protocol CConvertible {
  associatedtype CMessage
  /// The struct with nothing set.
  static func blank() -> CMessage
  /// Reads the struct, enforcing the rules declared beside the fields.
  init(_ cMessage: UnsafePointer<CMessage>) throws(RuleFailure)
  /// Sets the members of a blank struct; what they point to lies in the arena.
  func fill(_ cMessage: inout CMessage, _ arena: inout Arena)
}

/// From bytes to values and back, the same for every message.
enum Wire {
  static func decode<Message: CConvertible>(
    _ bytes: UnsafeRawBufferPointer, _ schema: WireSchema
  ) throws(InvalidArgument) -> Message {
    do throws(RuleFailure) {
      try schema.check(bytes)
      return try Arena.with(expecting: bytes.count) { arena throws(RuleFailure) in
        let unpacked = try unpack(bytes, schema, &arena)
        return try Message(unpacked.assumingMemoryBound(to: Message.CMessage.self))
      }
    } catch {
      throw InvalidArgument(error.violation)
    }
  }

  static func encode<Message: CConvertible>(_ message: Message, reserving prefix: Int) -> [UInt8] {
    Arena.with(expecting: 256) { arena in
      var cMessage = Message.blank()
      message.fill(&cMessage, &arena)
      return withUnsafePointer(to: &cMessage) { pointer in
        pack(
          UnsafeRawPointer(pointer).assumingMemoryBound(to: ProtobufCMessage.self),
          reserving: prefix)
      }
    }
  }

  /// The struct lies in the arena.
  private static func unpack(
    _ bytes: UnsafeRawBufferPointer, _ schema: WireSchema, _ arena: inout Arena
  ) throws(RuleFailure) -> UnsafeRawPointer {
    let unpacked = arena.withAllocator { allocator in
      protobuf_c_message_unpack(
        schema.descriptor, allocator, bytes.count,
        bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    }
    guard let unpacked else { throw .malformed }
    return UnsafeRawPointer(unpacked)
  }

  private static func pack(
    _ cMessage: UnsafePointer<ProtobufCMessage>, reserving prefix: Int
  ) -> [UInt8] {
    let count = prefix + protobuf_c_message_get_packed_size(cMessage)
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      buffer[..<prefix].initialize(repeating: 0)
      if let start = buffer.baseAddress { protobuf_c_message_pack(cMessage, start + prefix) }
      initialized = count
    }
  }
}
