import CProtobufC
import Model

/// Copies of Swift values for the C structs of a message that is being encoded.
extension Arena {
  mutating func text(_ value: String) -> ProtobufCBinaryData {
    var value = value
    return value.withUTF8 { copy(UnsafeRawBufferPointer($0)) }
  }

  mutating func text<Entity>(_ value: Identifier<Entity>) -> ProtobufCBinaryData {
    let bytes = room(36).assumingMemoryBound(to: UInt8.self)
    value.write(utf8: bytes)
    return ProtobufCBinaryData(len: 36, data: bytes)
  }

  mutating func bytes(_ value: [UInt8]) -> ProtobufCBinaryData {
    value.withUnsafeBytes { copy($0) }
  }

  mutating func bytes(_ value: Digest) -> ProtobufCBinaryData {
    value.withBytes { copy($0) }
  }

  mutating func message<Message: CConvertible>(_ message: Message)
    -> UnsafeMutablePointer<Message.CMessage>?
  {
    var cMessage = Message.blank()
    message.fill(&cMessage, &self)
    return place(cMessage)
  }

  mutating func list<Item, Element>(
    _ items: [Item], _ convert: (Item, inout Arena) -> Element
  ) -> (Int, UnsafeMutablePointer<Element>?) {
    guard !items.isEmpty else { return (0, nil) }
    let elements = array(of: Element.self, items.count)
    for (index, item) in items.enumerated() {
      (elements + index).initialize(to: convert(item, &self))
    }
    return (items.count, elements)
  }

  /// Entries in the order of their keys.
  mutating func map<Key: Comparable, Value, Entry>(
    _ map: [Key: Value], _ convert: (Key, Value, inout Arena) -> Entry
  ) -> (Int, UnsafeMutablePointer<UnsafeMutablePointer<Entry>?>?) {
    let sorted = map.sorted { $0.key < $1.key }
    return list(sorted) { item, arena in
      arena.place(convert(item.key, item.value, &arena))
    }
  }

  private mutating func copy(_ bytes: UnsafeRawBufferPointer) -> ProtobufCBinaryData {
    guard let source = bytes.baseAddress, !bytes.isEmpty else { return ProtobufCBinaryData() }
    let target = room(bytes.count)
    target.copyMemory(from: source, byteCount: bytes.count)
    return ProtobufCBinaryData(
      len: bytes.count, data: target.assumingMemoryBound(to: UInt8.self))
  }

  private mutating func place<Value>(_ value: Value) -> UnsafeMutablePointer<Value> {
    let target = array(of: Value.self, 1)
    target.initialize(to: value)
    return target
  }

  private mutating func array<Element>(of type: Element.Type, _ count: Int)
    -> UnsafeMutablePointer<Element>
  {
    room(count * MemoryLayout<Element>.stride).bindMemory(to: Element.self, capacity: count)
  }

  /// Memory for what is encoded. Without it the process ends, as it does when Swift's own values
  /// find none: half a message must not be sent.
  private mutating func room(_ count: Int) -> UnsafeMutableRawPointer {
    guard let memory = allocate(count) else { preconditionFailure("out of memory") }
    return memory
  }
}
