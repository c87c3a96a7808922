/// A name in a JSON object.
struct JSONKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) {
    self.stringValue = stringValue
  }

  init?(intValue: Int) { nil }
}

/// Reads a message's fields in the proto3 JSON mapping: by JSON name or by the name in the proto,
/// null as absent, unknown names ignored.
struct JSONFields {
  private let container: KeyedDecodingContainer<JSONKey>

  init(_ decoder: any Decoder) throws {
    container = try decoder.container(keyedBy: JSONKey.self)
  }

  func required<Value: Decodable>(_ name: String, _ protoName: String? = nil) throws -> Value {
    guard let value: Value = try optional(name, protoName) else { throw missing(name) }
    return value
  }

  func required<Form: JSONForm>(_ name: String, _ protoName: String? = nil, as form: Form.Type)
    throws -> Form.Value
  {
    guard let value = try optional(name, protoName, as: form) else { throw missing(name) }
    return value
  }

  func optional<Value: Decodable>(_ name: String, _ protoName: String? = nil) throws -> Value? {
    for key in [name, protoName].compactMap(\.self) {
      let key = JSONKey(stringValue: key)
      if let value = try container.decodeIfPresent(Value.self, forKey: key) { return value }
    }
    return nil
  }

  func optional<Form: JSONForm>(_ name: String, _ protoName: String? = nil, as form: Form.Type)
    throws -> Form.Value?
  {
    let value: Form? = try optional(name, protoName)
    return value?.value
  }

  func integer<Value: JSONIntegerValue>(_ name: String, _ protoName: String? = nil) throws -> Value
  {
    try optional(name, protoName, as: JSONInteger<Value>.self) ?? 0
  }

  func list<Value: Decodable>(_ name: String, _ protoName: String? = nil) throws -> [Value] {
    try optional(name, protoName) ?? []
  }

  func list<Form: JSONForm>(_ name: String, _ protoName: String? = nil, as form: Form.Type)
    throws -> [Form.Value]
  {
    let values: [Form] = try list(name, protoName)
    return values.map(\.value)
  }

  func map<Key: LosslessStringConvertible & Hashable, Value: Decodable>(
    _ name: String, _ protoName: String? = nil
  ) throws -> [Key: Value] {
    let entries: [String: Value] = try optional(name, protoName) ?? [:]
    var map: [Key: Value] = [:]
    for (text, value) in entries {
      guard let key = Key(text) else { throw malformed(name, "\(text) is not a key of this map") }
      map[key] = value
    }
    return map
  }

  func map<Key: LosslessStringConvertible & Hashable, Form: JSONForm>(
    _ name: String, _ protoName: String? = nil, as form: Form.Type
  ) throws -> [Key: Form.Value] {
    let map: [Key: Form] = try map(name, protoName)
    return map.mapValues(\.value)
  }

  private func missing(_ name: String) -> DecodingError {
    .keyNotFound(
      JSONKey(stringValue: name),
      .init(codingPath: container.codingPath, debugDescription: "the field is required"))
  }

  private func malformed(_ name: String, _ description: String) -> DecodingError {
    .dataCorrupted(
      .init(
        codingPath: container.codingPath + [JSONKey(stringValue: name)],
        debugDescription: description))
  }
}

/// Writes a message's fields in the proto3 JSON mapping, leaving out what is absent.
struct JSONWriter {
  private var container: KeyedEncodingContainer<JSONKey>

  init(_ encoder: any Encoder) {
    container = encoder.container(keyedBy: JSONKey.self)
  }

  mutating func put(_ value: (some Encodable)?, _ name: String) throws {
    guard let value else { return }
    try container.encode(value, forKey: JSONKey(stringValue: name))
  }

  /// Writes a value unless it is the default one.
  mutating func put(_ value: some Encodable & Equatable, _ name: String, unless zero: Bool) throws {
    if !zero { try put(value, name) }
  }

  /// Writes a value in its JSON form if there is one.
  mutating func put<Form: JSONForm>(_ value: Form.Value?, _ name: String, as form: Form.Type) throws
  {
    if let value { try put(Form(value), name) }
  }

  mutating func integer<Value: JSONIntegerValue>(_ value: Value, _ name: String) throws {
    if value != 0 { try put(JSONInteger(value), name) }
  }

  mutating func list(_ values: [some Encodable], _ name: String) throws {
    if !values.isEmpty { try put(values, name) }
  }

  mutating func list<Form: JSONForm>(_ values: [Form.Value], _ name: String, as form: Form.Type)
    throws
  {
    try list(values.map { Form($0) }, name)
  }

  mutating func map<Key: LosslessStringConvertible>(_ map: [Key: some Encodable], _ name: String)
    throws
  {
    guard !map.isEmpty else { return }
    try put(Dictionary(uniqueKeysWithValues: map.map { ($0.key.description, $0.value) }), name)
  }

  mutating func map<Key: LosslessStringConvertible, Form: JSONForm>(
    _ map: [Key: Form.Value], _ name: String, as form: Form.Type
  ) throws {
    try self.map(map.mapValues { Form($0) }, name)
  }
}
