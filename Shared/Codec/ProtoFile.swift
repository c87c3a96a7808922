import Model

/// A proto file as server reflection serves it.
package struct ProtoFile: Sendable {
  /// Path as imports name it, such as "ndx/settlement/v1/order.proto".
  package let name: String
  /// The files it imports, by name.
  package let dependencies: [String]
  /// Full names of what it declares: services, methods, messages, fields, enumerations and values.
  package let symbols: [String]
  /// The extensions it declares.
  package let extensions: [ProtoExtension]
  private let base64: StaticString

  init(
    name: String, dependencies: [String], symbols: [String], extensions: [ProtoExtension],
    base64: StaticString
  ) {
    self.name = name
    self.dependencies = dependencies
    self.symbols = symbols
    self.extensions = extensions
    self.base64 = base64
  }

  /// The serialized `google.protobuf.FileDescriptorProto`.
  package var descriptor: [UInt8] { Base64.decode(base64.description) ?? [] }

  /// Every proto file that the exchange serves or that such a file imports, by name.
  package static var all: [ProtoFile] { generated }

  /// The file of this name.
  package static func named(_ name: String) -> ProtoFile? { byName[name] }

  /// The file that declares this symbol, given by its full name.
  package static func declaring(_ symbol: String) -> ProtoFile? { bySymbol[symbol] }

  /// The file that declares this extension of a message.
  package static func declaring(_ wanted: ProtoExtension) -> ProtoFile? {
    generated.first { $0.extensions.contains(wanted) }
  }

  private static let byName = Dictionary(uniqueKeysWithValues: generated.map { ($0.name, $0) })
  private static let bySymbol = Dictionary(
    generated.flatMap { file in file.symbols.map { ($0, file) } }, uniquingKeysWith: { $1 })
}

/// An extension of a message, by the message's full name and the extension's number.
package struct ProtoExtension: Sendable, Hashable {
  package let extendee: String
  package let number: Int32

  package init(extendee: String, number: Int32) {
    self.extendee = extendee
    self.number = number
  }
}
