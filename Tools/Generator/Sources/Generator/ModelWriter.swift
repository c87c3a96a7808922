import SwiftProtobuf
import SwiftProtobufPluginLibrary

/// Writes the Swift values: one struct per message, one enum per enumeration.
enum ModelWriter {
  /// The caseless enums that hold the packages.
  static func packages(_ plans: [FilePlan], _ layout: Layout) -> OutputFile {
    var source = Source()
    source.imports(layout.modelImports)
    for package in Set(plans.map(\.descriptor.package)).sorted() {
      let isEmpty = plans.allSatisfy { $0.descriptor.package != package || !hasOwnTypes($0) }
      if isEmpty { continue }
      source.doc("Messages and enumerations of the package `\(package)`.")
      source.line("package enum \(SwiftName.namespace(package)) {}")
      source.line()
    }
    return OutputFile(path: "\(layout.model)/Packages.swift", text: source.text)
  }

  /// Nil if the file has nothing but types that Swift has its own for.
  static func file(_ plan: FilePlan, _ layout: Layout) -> OutputFile? {
    guard hasOwnTypes(plan) else { return nil }
    var source = Source()
    source.imports(layout.modelImports)
    source.block("extension \(plan.namespace)") { source in
      for enumeration in plan.descriptor.enums { EnumWriter.write(enumeration, to: &source) }
      for message in plan.messages where !message.isSpecial { write(message, to: &source) }
    }
    for message in plan.ownMessages {
      source.line()
      JSONCodeWriter.write(message, to: &source)
    }
    return OutputFile(path: "\(layout.model)/\(plan.swiftFileName)", text: source.text)
  }

  private static func hasOwnTypes(_ plan: FilePlan) -> Bool {
    !plan.ownMessages.isEmpty || !plan.descriptor.enums.isEmpty
  }

  private static func write(_ plan: MessagePlan, to source: inout Source) {
    source.doc(comment(plan.descriptor))
    let protocols = plan.protocols.joined(separator: ", ")
    source.block("package struct \(SwiftName.local(plan.descriptor.name)): \(protocols)") {
      source in
      source.line("package static var messageName: String { \"\(plan.descriptor.fullName)\" }")
      source.line()
      for property in plan.properties { declare(property, to: &source) }
      source.line()
      initialiser(plan, to: &source)
      for property in plan.properties {
        if case .oneof(let oneof) = property { write(oneof, to: &source) }
      }
      for enumeration in plan.descriptor.enums { EnumWriter.write(enumeration, to: &source) }
      for nested in plan.nested { write(nested, to: &source) }
    }
    source.line()
  }

  private static func declare(_ property: PropertyPlan, to source: inout Source) {
    switch property {
    case .field(let field):
      source.doc(comment(field.descriptor))
      source.line("package var \(SwiftName.escaped(field.name)): \(field.swiftType)")
    case .oneof(let oneof):
      source.doc(comment(oneof.descriptor))
      source.line("package var \(SwiftName.escaped(oneof.property)): \(oneof.type)?")
    }
  }

  private static func initialiser(_ plan: MessagePlan, to source: inout Source) {
    guard !plan.properties.isEmpty else {
      source.line("package init() {}")
      return
    }
    let parameters = plan.properties.map { property in
      switch property {
      case .field(let field):
        let initial = field.initialValue.map { " = \($0)" } ?? ""
        return "\(SwiftName.escaped(field.name)): \(field.swiftType)\(initial)"
      case .oneof(let oneof):
        return "\(SwiftName.escaped(oneof.property)): \(oneof.type)? = nil"
      }
    }
    source.block("package init(\(parameters.joined(separator: ", ")))") { source in
      for property in plan.properties {
        switch property {
        case .field(let field):
          source.line("self.\(field.name) = \(SwiftName.escaped(field.name))")
        case .oneof(let oneof):
          source.line("self.\(oneof.property) = \(SwiftName.escaped(oneof.property))")
        }
      }
    }
  }

  private static func write(_ oneof: OneofPlan, to source: inout Source) {
    source.line()
    source.doc(comment(oneof.descriptor))
    source.block("package enum \(oneof.type): Sendable, Hashable") { source in
      for member in oneof.members {
        source.doc(comment(member.descriptor))
        source.line("case \(SwiftName.escaped(member.name))(\(member.swiftType))")
      }
    }
  }

  /// The comment in the proto; its absence is said.
  static func comment(_ element: some ProvidesSourceCodeLocation & ProvidesComment) -> String {
    let text = element.protoSourceComments(commentPrefix: "")
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.trimmingPrefix(while: \.isWhitespace) }
    let joined = lines.joined(separator: "\n").trimmedNewlines
    return joined.isEmpty ? "`\(element.commentName)`, without comment in the proto." : joined
  }
}

/// What a comment is about when it is missing.
protocol ProvidesComment {
  var commentName: String { get }
}

extension Descriptor: ProvidesComment { var commentName: String { name } }
extension EnumDescriptor: ProvidesComment { var commentName: String { name } }
extension EnumValueDescriptor: ProvidesComment { var commentName: String { name } }
extension FieldDescriptor: ProvidesComment { var commentName: String { name } }
extension OneofDescriptor: ProvidesComment { var commentName: String { name } }
extension ServiceDescriptor: ProvidesComment { var commentName: String { name } }
extension MethodDescriptor: ProvidesComment { var commentName: String { name } }

extension String {
  var trimmedNewlines: String {
    var result = self[...]
    while result.last?.isNewline == true { result.removeLast() }
    while result.first?.isNewline == true { result.removeFirst() }
    return String(result)
  }
}
