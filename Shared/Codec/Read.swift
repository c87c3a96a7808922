import CProtobufC
import Model

/// Reads members of C structs into values, enforcing the rules declared beside the field.
enum Read {
  static func identifier<Entity>(_ data: ProtobufCBinaryData, _ field: String) throws(RuleFailure)
    -> Identifier<Entity>
  {
    guard let value: Identifier<Entity> = try identifierIfPresent(data, field) else {
      throw .required(field)
    }
    return value
  }

  static func identifierIfPresent<Entity>(_ data: ProtobufCBinaryData, _ field: String)
    throws(RuleFailure) -> Identifier<Entity>?
  {
    guard data.len > 0 else { return nil }
    guard let value = Identifier<Entity>(utf8: data.buffer) else { throw .identifier(field) }
    return value
  }

  static func bytes(
    _ data: ProtobufCBinaryData, _ field: String, _ rules: BytesRules = BytesRules()
  ) throws(RuleFailure) -> [UInt8] {
    if data.len == 0 {
      if rules.required { throw .required(field) }
      return []
    }
    if let count = rules.count, data.len != count { throw .byteCount(field, count) }
    if data.len > rules.maximum { throw .maximumByteCount(field, rules.maximum) }
    return Array(data.buffer)
  }

  static func digest(_ data: ProtobufCBinaryData, _ field: String) throws(RuleFailure) -> Digest {
    guard let value = try digestIfPresent(data, field) else { throw .required(field) }
    return value
  }

  static func digestIfPresent(_ data: ProtobufCBinaryData, _ field: String) throws(RuleFailure)
    -> Digest?
  {
    guard data.len > 0 else { return nil }
    guard let value = Digest(bytes: data.buffer) else { throw .byteCount(field, 32) }
    return value
  }

  static func flag(_ value: protobuf_c_boolean, _ field: String) throws(RuleFailure) -> Bool {
    guard value != 0 else { throw .required(field) }
    return true
  }

  static func integer<Value: FixedWidthInteger>(
    _ value: Value, _ field: String, required: Bool = false,
    in range: ClosedRange<Value> = Value.min...Value.max
  ) throws(RuleFailure) -> Value {
    if required, value == 0 { throw .required(field) }
    if value < range.lowerBound { throw .smallest(field, range.lowerBound) }
    if value > range.upperBound { throw .largest(field, range.upperBound) }
    return value
  }

  static func floating<Value: BinaryFloatingPoint>(_ value: Value, _ field: String)
    throws(RuleFailure) -> Value
  {
    guard value != 0 else { throw .required(field) }
    return value
  }

  static func enumeration<Value: ProtoEnum>(
    _ rawValue: some FixedWidthInteger, _ field: String, required: Bool = false,
    definedOnly: Bool = false
  ) throws(RuleFailure) -> Value {
    if required, rawValue == 0 { throw .required(field) }
    let value = Value(rawValue: Int32(truncatingIfNeeded: rawValue))
    if definedOnly, value.protoName == nil { throw .undefinedValue(field) }
    return value
  }

  static func message<Message: CConvertible>(
    _ cMessage: UnsafeMutablePointer<Message.CMessage>?, _ field: String
  ) throws(RuleFailure) -> Message {
    guard let message: Message = try messageIfPresent(cMessage, field) else {
      throw .required(field)
    }
    return message
  }

  static func messageIfPresent<Message: CConvertible>(
    _ cMessage: UnsafeMutablePointer<Message.CMessage>?, _ field: String
  ) throws(RuleFailure) -> Message? {
    guard let cMessage else { return nil }
    do {
      return try Message(cMessage)
    } catch {
      throw field.isEmpty ? error : error.inside(field)
    }
  }
}

/// Lists and maps.
extension Read {
  static func list<Element, Value>(
    _ count: Int, _ elements: UnsafeMutablePointer<Element>?, _ field: String, minimum: Int = 0,
    maximum: Int = .max, _ read: (Element) throws(RuleFailure) -> Value
  ) throws(RuleFailure) -> [Value] {
    try check(count, field, minimum: minimum, maximum: maximum)
    guard count > 0, let elements else { return [] }
    var values: [Value] = []
    values.reserveCapacity(count)
    for index in 0..<count {
      do {
        values.append(try read(elements[index]))
      } catch {
        throw error.inside(field, index: index)
      }
    }
    return values
  }

  /// Of entries with the same key, the last one wins.
  static func map<Entry, Key: Hashable, Value>(
    _ count: Int, _ entries: UnsafeMutablePointer<UnsafeMutablePointer<Entry>?>?, _ field: String,
    minimum: Int = 0, maximum: Int = .max, _ read: (Entry) throws(RuleFailure) -> (Key, Value)
  ) throws(RuleFailure) -> [Key: Value] {
    try check(count, field, minimum: minimum, maximum: maximum)
    var map: [Key: Value] = [:]
    guard let entries else { return map }
    for index in 0..<count {
      guard let entry = entries[index] else { continue }
      do {
        let (key, value) = try read(entry.pointee)
        map[key] = value
      } catch {
        throw error.inside(field, index: index)
      }
    }
    return map
  }

  private static func check(_ count: Int, _ field: String, minimum: Int, maximum: Int)
    throws(RuleFailure)
  {
    if count == 0, minimum == 1 { throw .required(field) }
    if count < minimum { throw .minimumItems(field, minimum) }
    if count > maximum { throw .maximumItems(field, maximum) }
  }
}

/// Limits of a byte string.
struct BytesRules {
  var required = false
  var count: Int?
  var maximum = Int.max
}

extension ProtobufCBinaryData {
  var buffer: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: data, count: len) }
}
