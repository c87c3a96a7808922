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
      var arena = Arena(expecting: bytes.count)
      let unpacked = arena.withAllocator { allocator in
        protobuf_c_message_unpack(
          schema.descriptor, allocator, bytes.count,
          bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
      }
      guard let unpacked else { throw RuleFailure.malformed }
      let cMessage = UnsafeRawPointer(unpacked).assumingMemoryBound(to: Message.CMessage.self)
      let message = try Message(cMessage)
      extendLifetime(arena)
      return message
    } catch {
      throw InvalidArgument(error.violation)
    }
  }

  static func encode<Message: CConvertible>(_ message: Message, reserving prefix: Int) -> [UInt8] {
    var arena = Arena(expecting: 256)
    var cMessage = Message.blank()
    message.fill(&cMessage, &arena)
    let bytes = withUnsafePointer(to: &cMessage) { pointer in
      let base = UnsafeRawPointer(pointer).assumingMemoryBound(to: ProtobufCMessage.self)
      let count = prefix + protobuf_c_message_get_packed_size(base)
      return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        buffer[..<prefix].initialize(repeating: 0)
        if let start = buffer.baseAddress { protobuf_c_message_pack(base, start + prefix) }
        initialized = count
      }
    }
    extendLifetime(arena)
    return bytes
  }
}
