import SwiftProtobuf
import SwiftProtobufPluginLibrary

/// What one value of a field is in Swift.
enum ValueKind {
  case text
  case identifier(String)
  case bytes
  case digest
  case flag
  case integer(String)
  case floating(String)
  case enumeration(EnumDescriptor)
  case message(Descriptor)
  /// A message that Swift has an own type for.
  case special(Descriptor, String)

  static let specialTypes = [
    "google.protobuf.Timestamp": "Timestamp", "google.protobuf.Duration": "Duration",
    "ndx.type.v1.Money": "Money",
  ]

  init(_ field: FieldDescriptor, _ rules: FieldRules) {
    switch field.type {
    case .string: self = rules.id.isEmpty ? .text : .identifier(rules.id)
    case .bytes: self = rules.byteCount == 32 ? .digest : .bytes
    case .bool: self = .flag
    case .int32, .sint32, .sfixed32: self = .integer("Int32")
    case .int64, .sint64, .sfixed64: self = .integer("Int64")
    case .uint32, .fixed32: self = .integer("UInt32")
    case .uint64, .fixed64: self = .integer("UInt64")
    case .float: self = .floating("Float")
    case .double: self = .floating("Double")
    case .enum: self = .enumeration(field.enumType)
    case .message, .group:
      let message: Descriptor = field.messageType
      if let type = Self.specialTypes[message.fullName] {
        self = .special(message, type)
      } else {
        self = .message(message)
      }
    }
  }

  var swiftType: String {
    switch self {
    case .text: "String"
    case .identifier(let name): name
    case .bytes: "[UInt8]"
    case .digest: "Digest"
    case .flag: "Bool"
    case .integer(let name), .floating(let name): name
    case .enumeration(let descriptor): SwiftName.type(descriptor)
    case .message(let descriptor): SwiftName.type(descriptor)
    case .special(_, let name): name
    }
  }

  /// The value of a field that is not set; nil if there is none, so that the field is optional.
  var zero: String? {
    switch self {
    case .text: "\"\""
    case .bytes: "[]"
    case .flag: "false"
    case .integer, .floating: "0"
    case .enumeration(let descriptor):
      "." + SwiftName.escaped(SwiftName.enumCase(descriptor.values[0], in: descriptor))
    case .identifier, .digest, .message, .special: nil
    }
  }

  /// The type that gives the value its proto3 JSON form, where it is not its own.
  var jsonForm: String? {
    switch self {
    case .bytes: "JSONBytes.self"
    case .integer(let name): "JSONInteger<\(name)>.self"
    case .floating(let name): "JSONFloating<\(name)>.self"
    case .special(_, "Duration"): "JSONDuration.self"
    default: nil
    }
  }
}

/// How often a field holds a value.
enum Shape {
  /// Always, or its zero.
  case plain
  case optional
  case required
  case list
  case map(key: ValueKind)
}

struct FieldPlan {
  let descriptor: FieldDescriptor
  let rules: FieldRules
  let kind: ValueKind
  let shape: Shape
  /// Property name without backticks.
  let name: String

  init(_ descriptor: FieldDescriptor) throws {
    self.descriptor = descriptor
    rules = try FieldRules(descriptor.options)
    name = SwiftName.property(descriptor.name)
    if let (key, value) = descriptor.isMap ? descriptor.messageType.mapKeyAndValue : nil {
      kind = ValueKind(value, rules)
      shape = .map(key: ValueKind(key, rules))
    } else {
      kind = ValueKind(descriptor, rules)
      if descriptor.isRepeated {
        shape = .list
      } else if descriptor.realContainingOneof != nil {
        shape = .required
      } else if descriptor.isSyntheticOneofMember {
        shape = .optional
      } else if kind.zero == nil {
        shape = rules.required ? .required : .optional
      } else {
        shape = .plain
      }
    }
    try refuseUnlimited()
  }

  var swiftType: String {
    switch shape {
    case .plain, .required: kind.swiftType
    case .optional: "\(kind.swiftType)?"
    case .list: "[\(kind.swiftType)]"
    case .map(let key): "[\(key.swiftType): \(kind.swiftType)]"
    }
  }

  /// The default of the initialiser's parameter; nil for what must be given.
  var initialValue: String? {
    switch shape {
    case .list: rules.required ? nil : "[]"
    case .map: rules.required ? nil : "[:]"
    case .optional: "nil"
    case .required: nil
    case .plain: rules.required ? nil : kind.zero
    }
  }

  var jsonName: String { descriptor.jsonName ?? name }
  var member: String { CName.member(descriptor.name) }
  var hasPresenceCase: Bool { descriptor.isSyntheticOneofMember }
  var isOneofMember: Bool { descriptor.realContainingOneof != nil }

  /// The design: every field of ours has its limits declared beside it.
  private func refuseUnlimited() throws {
    guard descriptor.file.package.hasPrefix("ndx.") else { return }
    let place = descriptor.fullName
    switch kind {
    case .text where rules.maximumLength == 0 && !rules.isBoundedByFormat:
      throw GenerationError(
        "\(place): a string needs id, string.max_len, or a format that bounds its length")
    case .bytes where rules.byteCount == 0 && rules.maximumByteCount == 0:
      throw GenerationError("\(place): bytes need bytes.len or bytes.max_len")
    case .message(let message)
    where message === descriptor.containingType && !descriptor.isRepeated:
      throw GenerationError("\(place): a message cannot hold itself")
    default: break
    }
    if descriptor.isRepeated, rules.maximumItems == 0 {
      throw GenerationError("\(place): a list or map needs repeated.max_items")
    }
  }
}

struct OneofPlan {
  let descriptor: OneofDescriptor
  let members: [FieldPlan]

  var property: String { SwiftName.property(descriptor.name) }
  var type: String { SwiftName.upperFirst(property) }
}

/// A property of a message in the order of the proto: a field, or a oneof at its first member.
enum PropertyPlan {
  case field(FieldPlan)
  case oneof(OneofPlan)
}

struct MessagePlan {
  let descriptor: Descriptor
  let fields: [FieldPlan]
  let properties: [PropertyPlan]
  let nested: [MessagePlan]

  init(_ descriptor: Descriptor) throws {
    self.descriptor = descriptor
    fields = try descriptor.fields.map { try FieldPlan($0) }
    nested = try descriptor.messages.filter { !$0.options.mapEntry }.map { try MessagePlan($0) }
    var properties: [PropertyPlan] = []
    var seen: Set<Int> = []
    for field in fields {
      guard let oneof = field.descriptor.realContainingOneof else {
        properties.append(.field(field))
        continue
      }
      guard seen.insert(oneof.index).inserted else { continue }
      let members = fields.filter { $0.descriptor.realContainingOneof === oneof }
      properties.append(.oneof(OneofPlan(descriptor: oneof, members: members)))
    }
    self.properties = properties
  }

  var swiftType: String { SwiftName.type(descriptor) }
  var isSpecial: Bool { ValueKind.specialTypes[descriptor.fullName] != nil }

  /// The protocols of the model that the message conforms to.
  var protocols: [String] {
    var protocols: [String] = []
    if hasRequestID { protocols.append("MutatingRequest") }
    if has("replayed", "Bool") { protocols.append("ReplayableResponse") }
    if has("pageSize", "Int32"), has("pageToken", "String") { protocols.append("PagedRequest") }
    return protocols.isEmpty ? ["ProtoMessage"] : protocols
  }

  var hasRequestID: Bool { has("requestID", "RequestID") }

  private func has(_ name: String, _ type: String) -> Bool {
    fields.contains { $0.name == name && $0.swiftType == type && !$0.isOneofMember }
  }
}

struct FilePlan {
  let descriptor: FileDescriptor
  let messages: [MessagePlan]

  init(_ descriptor: FileDescriptor) throws {
    self.descriptor = descriptor
    messages = try descriptor.messages.map { try MessagePlan($0) }
  }

  var namespace: String { SwiftName.namespace(descriptor.package) }

  /// `SettlementV1.Order.swift` for `ndx/settlement/v1/order.proto`.
  var swiftFileName: String {
    let base = descriptor.name.split(separator: "/").last?.split(separator: ".").first ?? ""
    let parts = base.split(separator: "_").map { SwiftName.upperFirst(String($0)) }
    return "\(namespace).\(parts.joined()).swift"
  }

  /// All messages with the nested ones, those with Swift types of their own left out.
  var ownMessages: [MessagePlan] {
    func flatten(_ messages: [MessagePlan]) -> [MessagePlan] {
      messages.flatMap { [$0] + flatten($0.nested) }
    }
    return flatten(messages).filter { !$0.isSpecial }
  }
}

extension FieldDescriptor {
  /// Whether the field is proto3 `optional`, which descriptors show as a oneof of one member.
  var isSyntheticOneofMember: Bool { containingOneof != nil && realContainingOneof == nil }
}
