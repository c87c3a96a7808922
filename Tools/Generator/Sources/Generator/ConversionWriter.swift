import SwiftProtobuf
import SwiftProtobufPluginLibrary

/// Writes the conversions between the Swift values and the structs of protobuf-c, with the rules.
enum ConversionWriter {
  static func file(_ plan: FilePlan, _ layout: Layout) -> OutputFile? {
    let messages = plan.ownMessages
    guard !messages.isEmpty else { return nil }
    var source = Source()
    source.imports(layout.codecImports)
    for message in messages {
      write(message, to: &source)
      source.line()
    }
    return OutputFile(
      path: "\(layout.codec)/\(layout.codecPrefix)\(plan.swiftFileName)", text: source.text)
  }

  /// Which byte strings of the C structs are text: protobuf-c is told that strings are bytes.
  static func textFields(_ files: [FileDescriptor], _ layout: Layout) -> OutputFile {
    var source = Source()
    source.doc("Numbers of the string fields of each message, by its full name.")
    source.line("let textFields: [String: Set<UInt32>] = [")
    func visit(_ message: Descriptor) {
      let numbers = message.fields.filter { $0.type == .string }.map { String($0.number) }
      if !numbers.isEmpty {
        source.line("\"\(message.fullName)\": [\(numbers.joined(separator: ", "))],")
      }
      message.messages.forEach(visit)
    }
    files.forEach { $0.messages.forEach(visit) }
    source.line("]")
    return OutputFile(path: "\(layout.codec)/TextFields.swift", text: source.text)
  }

  /// Every message by its full name, for tools that learn the type at run time.
  static func allMessages(_ plans: [FilePlan], _ layout: Layout) -> OutputFile {
    var source = Source()
    source.imports(["import Model"])
    source.doc("The messages that the exchange knows.")
    source.block("package enum WireMessages") { source in
      source.doc("Every message type, in the order of the protos.")
      source.line("package static let all: [any WireMessage.Type] = [")
      for message in plans.flatMap(\.ownMessages) { source.line("\(message.swiftType).self,") }
      source.line("]")
    }
    return OutputFile(path: "\(layout.codec)/WireMessages.swift", text: source.text)
  }

  private static func write(_ plan: MessagePlan, to source: inout Source) {
    let structure = CName.structure(plan.descriptor.fullName)
    source.block("extension \(plan.swiftType): WireMessage, CConvertible") { source in
      source.line("static let schema = WireSchema(of: blank().base.descriptor, text: textFields)")
      source.line()
      source.block("package static func decode(_ bytes: UnsafeRawBufferPointer) throws -> Self") {
        $0.line("try Wire.decode(bytes, schema)")
      }
      source.line()
      source.block("package func serialized(reserving prefix: Int) -> [UInt8]") {
        $0.line("Wire.encode(self, reserving: prefix)")
      }
      source.line()
      source.block("static func blank() -> \(structure)") { source in
        source.line("var cMessage = \(structure)()")
        source.line("\(CName.function(plan.descriptor.fullName))__init(&cMessage)")
        source.line("return cMessage")
      }
      source.line()
      source.block(
        "init(_ cMessage: UnsafePointer<\(structure)>) throws(RuleFailure)"
      ) { source in
        decode(plan, to: &source)
      }
      source.line()
      source.block(
        "func fill(_ cMessage: inout \(structure), _ arena: inout Arena)"
      ) { source in
        for field in plan.fields where !field.isOneofMember { encode(field, to: &source) }
        for case .oneof(let oneof) in plan.properties { encode(oneof, to: &source) }
      }
    }
  }

  private static func decode(_ plan: MessagePlan, to source: inout Source) {
    var arguments: [String] = []
    for property in plan.properties {
      switch property {
      case .field(let field):
        let name = SwiftName.escaped(field.name)
        source.line("let \(name): \(field.swiftType) = \(ReadExpression.property(field))")
        arguments.append("\(field.name): \(name)")
      case .oneof(let oneof):
        let name = SwiftName.escaped(oneof.property)
        source.line("let \(name): \(oneof.type)?")
        decode(oneof, into: name, to: &source)
        arguments.append("\(oneof.property): \(name)")
      }
    }
    source.line("self.init(\(arguments.joined(separator: ", ")))")
  }

  private static func decode(_ oneof: OneofPlan, into name: String, to source: inout Source) {
    let selector = "cMessage.pointee.\(CName.oneofCase(oneof.descriptor.name)).rawValue"
    source.block("switch \(selector)") { source in
      for member in oneof.members {
        let value = ReadExpression.value(
          member, "cMessage.pointee.\(member.member)", path: member.descriptor.name)
        source.line("case \(member.descriptor.number):")
        source.line("\(name) = .\(SwiftName.escaped(member.name))(\(value))")
      }
      source.line("default: \(name) = nil")
    }
  }

  private static func encode(_ field: FieldPlan, to source: inout Source) {
    let target = "cMessage.\(field.member)"
    let value = "self.\(field.name)"
    switch field.shape {
    case .plain, .required:
      source.line("\(target) = \(WriteExpression.value(field.kind, value))")
    case .optional:
      source.block("if let value = \(value)") { source in
        if field.hasPresenceCase {
          let name = CName.oneofCase("_" + field.descriptor.name)
          source.line("cMessage.\(name) = .init(rawValue: \(field.descriptor.number))")
        }
        source.line("\(target) = \(WriteExpression.value(field.kind, "value"))")
      }
    case .list:
      source.line("(cMessage.n_\(field.member), \(target)) = arena.list(\(value)) { item, arena in")
      source.line(WriteExpression.value(field.kind, "item"))
      source.line("}")
    case .map(let key):
      let entry = field.descriptor.messageType.fullName
      source.line(
        "(cMessage.n_\(field.member), \(target)) = arena.map(\(value)) { key, value, arena in")
      source.line("var entry = \(CName.structure(entry))()")
      source.line("\(CName.function(entry))__init(&entry)")
      source.line("entry.key = \(WriteExpression.value(key, "key"))")
      source.line("entry.value = \(WriteExpression.value(field.kind, "value"))")
      source.line("return entry")
      source.line("}")
    }
  }

  private static func encode(_ oneof: OneofPlan, to source: inout Source) {
    source.block("switch self.\(oneof.property)") { source in
      for member in oneof.members {
        let name = CName.oneofCase(oneof.descriptor.name)
        source.line("case .\(SwiftName.escaped(member.name))(let value)?:")
        source.line("cMessage.\(name) = .init(rawValue: \(member.descriptor.number))")
        source.line("cMessage.\(member.member) = \(WriteExpression.value(member.kind, "value"))")
      }
      source.line("case nil: break")
    }
  }
}

/// Swift expressions that give a member of a C struct its value.
enum WriteExpression {
  static func value(_ kind: ValueKind, _ value: String) -> String {
    switch kind {
    case .text, .identifier: return "arena.text(\(value))"
    case .bytes, .digest: return "arena.bytes(\(value))"
    case .flag: return "\(value) ? 1 : 0"
    case .integer, .floating: return value
    case .enumeration(let enumeration):
      let isSigned = enumeration.values.contains { $0.number < 0 }
      let raw = isSigned ? "\(value).rawValue" : "UInt32(bitPattern: \(value).rawValue)"
      return "\(CName.structure(enumeration.fullName))(rawValue: \(raw))"
    case .message, .special: return "arena.message(\(value))"
    }
  }
}
