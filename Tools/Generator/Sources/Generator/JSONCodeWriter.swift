import SwiftProtobufPluginLibrary

/// Writes a message's Codable conformance: the proto3 JSON mapping.
enum JSONCodeWriter {
  static func write(_ plan: MessagePlan, to source: inout Source) {
    source.block("extension \(plan.swiftType)") { source in
      source.block("package init(from decoder: any Decoder) throws") { source in
        if plan.properties.isEmpty {
          source.line("_ = try JSONFields(decoder)")
        } else {
          source.line("let fields = try JSONFields(decoder)")
        }
        for property in plan.properties {
          switch property {
          case .field(let field): source.line("self.\(field.name) = \(decode(field))")
          case .oneof(let oneof): decode(oneof, to: &source)
          }
        }
      }
      source.line()
      source.block("package func encode(to encoder: any Encoder) throws") { source in
        if plan.properties.isEmpty {
          source.line("_ = JSONWriter(encoder)")
        } else {
          source.line("var fields = JSONWriter(encoder)")
        }
        for property in plan.properties {
          switch property {
          case .field(let field):
            source.line(encode(field, value: "self.\(field.name)"))
          case .oneof(let oneof): encode(oneof, to: &source)
          }
        }
      }
    }
  }

  /// The names a field is read by, and the form of its values.
  private static func arguments(_ field: FieldPlan) -> String {
    let names =
      field.jsonName == field.descriptor.name
      ? "\"\(field.jsonName)\"" : "\"\(field.jsonName)\", \"\(field.descriptor.name)\""
    return names + form(field)
  }

  private static func form(_ field: FieldPlan) -> String {
    field.kind.jsonForm.map { ", as: \($0)" } ?? ""
  }

  private static func decode(_ field: FieldPlan) -> String {
    switch field.shape {
    case .list: "try fields.list(\(arguments(field)))"
    case .map: "try fields.map(\(arguments(field)))"
    case .optional: "try fields.optional(\(arguments(field)))"
    case .required: "try fields.required(\(arguments(field)))"
    case .plain where field.rules.required: "try fields.required(\(arguments(field)))"
    case .plain: "try fields.optional(\(arguments(field))) ?? \(field.kind.zero ?? "nil")"
    }
  }

  private static func encode(_ field: FieldPlan, value: String) -> String {
    switch field.shape {
    case .list: return "try fields.list(\(value), \"\(field.jsonName)\"\(form(field)))"
    case .map: return "try fields.map(\(value), \"\(field.jsonName)\"\(form(field)))"
    case .optional, .required:
      return "try fields.put(\(value), \"\(field.jsonName)\"\(form(field)))"
    case .plain:
      let put = "try fields.put(\(value), \"\(field.jsonName)\"\(form(field)))"
      switch field.kind {
      case .flag: return "if \(value) { \(put) }"
      case .text, .bytes: return "if !\(value).isEmpty { \(put) }"
      default: return "if \(value) != \(field.kind.zero ?? "nil") { \(put) }"
      }
    }
  }

  private static func decode(_ oneof: OneofPlan, to source: inout Source) {
    for (index, member) in oneof.members.enumerated() {
      let head = index == 0 ? "if" : "} else if"
      source.line(
        "\(head) let value: \(member.swiftType) = try fields.optional(\(arguments(member))) {")
      source.line("self.\(oneof.property) = .\(SwiftName.escaped(member.name))(value)")
    }
    source.line("} else {")
    source.line("self.\(oneof.property) = nil")
    source.line("}")
  }

  private static func encode(_ oneof: OneofPlan, to source: inout Source) {
    source.block("switch self.\(oneof.property)") { source in
      for member in oneof.members {
        source.line("case .\(SwiftName.escaped(member.name))(let value)?:")
        source.line(encode(member, value: "value"))
      }
      source.line("case nil: break")
    }
  }
}
