import SwiftProtobufPluginLibrary

/// Swift expressions that read a member of a C struct and enforce the field's rules.
enum ReadExpression {
  /// The expression for a whole property.
  static func property(_ field: FieldPlan) -> String {
    let member = "cMessage.pointee.\(field.member)"
    let path = field.descriptor.name
    switch field.shape {
    case .plain, .required: return value(field, member, path: path)
    case .optional where field.hasPresenceCase:
      let selector = "cMessage.pointee.\(CName.oneofCase("_" + path)).rawValue"
      let read =
        field.kind.zero == nil
        ? optional(field, member, path: path)
        : value(field, member, path: path)
      let mark = read.hasPrefix("try ") ? "try " : ""
      return "\(mark)\(selector) == \(field.descriptor.number) ? \(read.withoutTry) : nil"
    case .optional: return optional(field, member, path: path)
    case .list: return list(field, member)
    case .map(let key): return map(field, key, member)
    }
  }

  /// The expression for a value that must be there, or has a zero.
  static func value(_ field: FieldPlan, _ member: String, path: String) -> String {
    value(field.kind, field, member, path: path, required: field.rules.required)
  }

  private static func value(
    _ kind: ValueKind, _ field: FieldPlan, _ member: String, path: String, required: Bool
  ) -> String {
    let rules = field.rules
    let mark = required ? ["required: true"] : []
    switch kind {
    case .text:
      return call("text", member, path, type: "TextRules", mark + textRules(rules))
    case .identifier: return "try Read.identifier(\(member), \"\(path)\")"
    case .bytes:
      return call("bytes", member, path, type: "BytesRules", mark + bytesRules(rules))
    case .digest: return "try Read.digest(\(member), \"\(path)\")"
    case .flag:
      return required ? "try Read.flag(\(member), \"\(path)\")" : "\(member) != 0"
    case .integer(let type):
      guard required || rules.smallest != nil || rules.largest != nil else { return member }
      let smallest = rules.smallest.map(String.init) ?? "\(type).min"
      let largest = rules.largest.map(String.init) ?? "\(type).max"
      let range =
        rules.smallest == nil && rules.largest == nil ? [] : ["in: \(smallest)...\(largest)"]
      return "try Read.integer(\(([member, "\"\(path)\""] + mark + range).joined(separator: ", ")))"
    case .floating:
      return required ? "try Read.floating(\(member), \"\(path)\")" : member
    case .enumeration:
      let defined = rules.definedOnly ? ["definedOnly: true"] : []
      let arguments = ["\(member).rawValue", "\"\(path)\""] + mark + defined
      return "try Read.enumeration(\(arguments.joined(separator: ", ")))"
    case .message, .special: return "try Read.message(\(member), \"\(path)\")"
    }
  }

  private static func optional(_ field: FieldPlan, _ member: String, path: String) -> String {
    switch field.kind {
    case .identifier: "try Read.identifierIfPresent(\(member), \"\(path)\")"
    case .digest: "try Read.digestIfPresent(\(member), \"\(path)\")"
    case .message, .special: "try Read.messageIfPresent(\(member), \"\(path)\")"
    default: value(field, member, path: path)
    }
  }

  private static func list(_ field: FieldPlan, _ member: String) -> String {
    let count = "cMessage.pointee.n_\(field.member)"
    let rules = field.rules
    let isStrict = rules.format != 0 || rules.minimumLength > 0 || rules.byteCount > 0
    let item = value(field.kind, field, "item", path: "", required: isStrict)
    return """
      try Read.list(\(count), \(member), "\(field.descriptor.name)"\(itemRules(rules))) { \
      item throws(RuleFailure) in \(item) }
      """
  }

  private static func map(_ field: FieldPlan, _ key: ValueKind, _ member: String) -> String {
    let count = "cMessage.pointee.n_\(field.member)"
    let keyRead = value(key, field, "entry.key", path: "key", required: false)
    let valueRead = value(field.kind, field, "entry.value", path: "value", required: false)
    return """
      try Read.map(\(count), \(member), "\(field.descriptor.name)"\(itemRules(field.rules))) { \
      entry throws(RuleFailure) in (\(keyRead), \(valueRead)) }
      """
  }

  private static func call(
    _ function: String, _ member: String, _ path: String, type: String, _ rules: [String]
  ) -> String {
    let argument = rules.isEmpty ? "" : ", \(type)(\(rules.joined(separator: ", ")))"
    return "try Read.\(function)(\(member), \"\(path)\"\(argument))"
  }

  private static func itemRules(_ rules: FieldRules) -> String {
    var arguments = ""
    if rules.required || rules.minimumItems > 0 {
      arguments += ", minimum: \(max(1, rules.minimumItems))"
    }
    if rules.maximumItems > 0 { arguments += ", maximum: \(rules.maximumItems)" }
    return arguments
  }

  private static func textRules(_ rules: FieldRules) -> [String] {
    var arguments: [String] = []
    if rules.minimumLength > 0 { arguments.append("minimum: \(rules.minimumLength)") }
    if rules.maximumLength > 0 { arguments.append("maximum: \(rules.maximumLength)") }
    let formats = ["", "currency", "country", "name", "hostPort", "relativePath", "line"]
    if formats.indices.contains(rules.format), rules.format > 0 {
      arguments.append("format: .\(formats[rules.format])")
    }
    return arguments
  }

  private static func bytesRules(_ rules: FieldRules) -> [String] {
    var arguments: [String] = []
    if rules.byteCount > 0 { arguments.append("count: \(rules.byteCount)") }
    if rules.maximumByteCount > 0 { arguments.append("maximum: \(rules.maximumByteCount)") }
    return arguments
  }
}

extension String {
  var withoutTry: String { hasPrefix("try ") ? String(dropFirst(4)) : self }
}
