import Foundation
import SwiftProtobuf
import SwiftProtobufPluginLibrary

/// Writes the file descriptors that server reflection answers with, one Swift file per proto.
enum DescriptorWriter {
  static func files(
    _ files: [FileDescriptor], _ protos: [Google_Protobuf_FileDescriptorProto], _ layout: Layout
  ) throws -> [OutputFile] {
    let sorted = files.sorted { $0.name < $1.name }
    let protos = Dictionary(uniqueKeysWithValues: protos.map { ($0.name, $0) })
    return try sorted.map { file in
      OutputFile(
        path: "\(layout.codec)/Descriptors/\(identifier(file)).descriptor.swift",
        text: try text(file, protos[file.name] ?? .init(), layout))
    }
  }

  /// The list of all of them.
  static func list(_ files: [FileDescriptor], _ layout: Layout) -> OutputFile {
    var source = Source()
    source.block("extension ProtoFile") { source in
      source.doc("Every proto file that the exchange serves or that such a file imports, by name.")
      source.line("static let generated: [ProtoFile] = [")
      for file in files.sorted(by: { $0.name < $1.name }) { source.line(".\(identifier(file)),") }
      source.line("]")
    }
    return OutputFile(
      path: "\(layout.codec)/Descriptors/ProtoFiles.swift", text: source.text)
  }

  private static func text(
    _ file: FileDescriptor, _ proto: Google_Protobuf_FileDescriptorProto, _ layout: Layout
  ) throws -> String {
    var proto = proto
    proto.clearSourceCodeInfo()
    let base64 = (try proto.serializedBytes() as Data).base64EncodedString()
    var source = Source()
    source.imports(layout.descriptorImports)
    source.block("extension ProtoFile") { source in
      source.doc("`\(file.name)`, without its comments.")
      source.line("static let \(identifier(file)) = ProtoFile(")
      source.line("name: \"\(file.name)\",")
      source.line("dependencies: [\(quoted(file.dependencies.map(\.name)))],")
      source.line("symbols: [")
      for symbol in symbols(file) { source.line("\"\(symbol)\",") }
      source.line("],")
      let extensions = file.extensions.map {
        "ProtoExtension(extendee: \"\($0.containingType.fullName)\", number: \($0.number))"
      }
      source.line("extensions: [\(extensions.joined(separator: ", "))],")
      source.line("base64: \"\"\"")
      var rest = base64[...]
      while !rest.isEmpty {
        source.line("\(rest.prefix(92))\\")
        rest = rest.dropFirst(92)
      }
      source.line("")
      source.line("\"\"\")")
    }
    return source.text
  }

  /// Everything in the file that a client may ask for by its full name.
  private static func symbols(_ file: FileDescriptor) -> [String] {
    var symbols: [String] = []
    func visit(_ enumeration: EnumDescriptor) {
      symbols.append(enumeration.fullName)
      symbols += enumeration.values.map(\.fullName)
    }
    func visit(_ message: Descriptor) {
      symbols.append(message.fullName)
      symbols += message.fields.map(\.fullName) + message.oneofs.map(\.fullName)
      message.enums.forEach(visit)
      message.messages.forEach(visit)
    }
    for service in file.services {
      symbols.append(service.fullName)
      symbols += service.methods.map(\.fullName)
    }
    file.messages.forEach(visit)
    file.enums.forEach(visit)
    symbols += file.extensions.map(\.fullName)
    return symbols.map { $0.hasPrefix(".") ? String($0.dropFirst()) : $0 }
  }

  private static func quoted(_ names: [String]) -> String {
    names.map { "\"\($0)\"" }.joined(separator: ", ")
  }

  /// `ndx/settlement/v1/order.proto` becomes `ndxSettlementV1Order`.
  private static func identifier(_ file: FileDescriptor) -> String {
    let parts = file.name.split(whereSeparator: { "/_.".contains($0) }).dropLast().map(String.init)
    return (parts.first ?? "") + parts.dropFirst().map(SwiftName.upperFirst).joined()
  }
}
