import SwiftProtobuf
import SwiftProtobufPluginLibrary

/// Writes a handler protocol, the method descriptors and a client for each service of ours.
enum StubWriter {
  static func file(_ plan: FilePlan, _ folder: String) throws -> OutputFile? {
    guard plan.descriptor.package.hasPrefix("ndx."), !plan.descriptor.services.isEmpty else {
      return nil
    }
    var source = Source()
    source.imports(["package import Model", "package import RPC"])
    for service in plan.descriptor.services {
      handler(service, to: &source)
      try descriptors(service, to: &source)
      client(service, to: &source)
    }
    return OutputFile(path: "\(folder)/\(plan.swiftFileName)", text: source.text)
  }

  private static func name(_ method: MethodDescriptor) -> String {
    SwiftName.escaped(method.name.lowercasedFirst)
  }

  private static func handler(_ service: ServiceDescriptor, to source: inout Source) {
    source.doc(ModelWriter.comment(service))
    source.doc("\nThe service's side of `\(service.fullName)`.")
    source.block("package protocol \(service.name)Handler: Sendable") { source in
      for method in service.methods {
        source.doc(ModelWriter.comment(method))
        let input = SwiftName.type(method.inputType)
        let output = SwiftName.type(method.outputType)
        let request = method.clientStreaming ? "RequestStream<\(input)>" : input
        let writer = method.serverStreaming ? ", _ writer: ResponseWriter<\(output)>" : ""
        let result = method.serverStreaming ? "" : " -> \(output)"
        source.line(
          "func \(name(method))(_ request: \(request), _ context: CallContext\(writer)) "
            + "async throws\(result)")
      }
    }
    source.line()
    source.block("extension \(service.name)Handler") { source in
      source.doc("The methods of the service, answered by this handler.")
      source.block("package var methods: [RegisteredMethod]") { source in
        source.line("[")
        for method in service.methods { source.line(registration(method, service)) }
        source.line("]")
      }
    }
    source.line()
  }

  private static func registration(_ method: MethodDescriptor, _ service: ServiceDescriptor)
    -> String
  {
    let input = SwiftName.type(method.inputType)
    let request = method.clientStreaming ? "RequestStream<\(input)>" : input
    let writer =
      method.serverStreaming
      ? ", writer: ResponseWriter<\(SwiftName.type(method.outputType))>" : ""
    let arguments = method.serverStreaming ? "request, context, writer" : "request, context"
    return """
      .\(kind(method))(\(service.name)Methods.\(name(method))) { \
      (request: \(request), context: CallContext\(writer)) in
      try await \(name(method))(\(arguments))
      },
      """
  }

  private static func kind(_ method: MethodDescriptor) -> String {
    switch (method.clientStreaming, method.serverStreaming) {
    case (false, false): "unary"
    case (false, true): "serverStreaming"
    case (true, false): "clientStreaming"
    case (true, true): "bidirectional"
    }
  }

  private static func descriptors(_ service: ServiceDescriptor, to source: inout Source) throws {
    source.doc("The methods of `\(service.fullName)` and who may call them.")
    try source.block("package enum \(service.name)Methods") { source in
      source.doc("Full name of the service.")
      source.line("package static let serviceName = \"\(service.fullName)\"")
      source.line()
      for method in service.methods {
        source.doc(ModelWriter.comment(method))
        let idempotent = try isIdempotent(method)
        source.line("package static let \(name(method)) = MethodDescriptor(")
        source.line(
          "service: serviceName, name: \"\(method.name)\", kind: .\(kind(method)), "
            + "isIdempotent: \(idempotent), access: \(try access(method)))")
        source.line()
      }
      let names = service.methods.map(name).joined(separator: ", ")
      source.doc("Every method, in the order of the proto.")
      source.line("package static let all: [MethodDescriptor] = [\(names)]")
    }
    source.line()
  }

  /// By its `idempotency_level`, or because its request carries the key that makes it so.
  private static func isIdempotent(_ method: MethodDescriptor) throws -> Bool {
    let isDeclared = method.options.idempotencyLevel != .idempotencyUnknown
    return try isDeclared || MessagePlan(method.inputType).hasRequestID
  }

  private static func access(_ method: MethodDescriptor) throws -> String {
    guard let rule = try AccessRule(method.options) else {
      throw GenerationError("\(method.fullName): a method needs (ndx.access.v1.access)")
    }
    var parts: [String] = []
    if rule.anonymous { parts.append("anonymous: true") }
    if rule.participants { parts.append("participants: true") }
    if rule.certificate { parts.append("certificate: true") }
    if !rule.roles.isEmpty {
      let roles = try rule.roles.map { try roleName($0, method) }
      parts.append("roles: [\(roles.joined(separator: ", "))]")
    }
    if !rule.services.isEmpty {
      parts.append("services: [\(rule.services.map { "\"\($0)\"" }.joined(separator: ", "))]")
    }
    return "MethodAccess(\(parts.joined(separator: ", ")))"
  }

  private static func roleName(_ number: Int32, _ method: MethodDescriptor) throws -> String {
    let value = try role(number, of: method)
    return "." + SwiftName.escaped(SwiftName.enumCase(value, in: value.enumType))
  }

  /// The value of `ndx.type.v1.Role` with this number.
  static func role(_ number: Int32, of method: MethodDescriptor) throws -> EnumValueDescriptor {
    func find(_ file: FileDescriptor) -> EnumDescriptor? {
      file.enums.first { $0.fullName == "ndx.type.v1.Role" }
        ?? file.dependencies.lazy.compactMap(find).first
    }
    guard let role = find(method.file),
      let value = role.values.first(where: { $0.number == number })
    else { throw GenerationError("\(method.fullName): \(number) is not a role") }
    return value
  }

  private static func client(_ service: ServiceDescriptor, to source: inout Source) {
    source.doc("The caller's side of `\(service.fullName)`. Errors are `RPCStatus`.")
    source.block("package struct \(service.name)Client: Sendable") { source in
      source.line("private let channel: RPCChannel")
      source.line()
      source.block("package init(_ channel: RPCChannel)") { $0.line("self.channel = channel") }
      for method in service.methods {
        source.line()
        source.doc(ModelWriter.comment(method))
        clientMethod(method, service, to: &source)
      }
    }
    source.line()
  }

  /// A method of the client: the request or a closure that writes requests, options, and for a stream of both a
  /// closure that converses.
  private static func clientMethod(
    _ method: MethodDescriptor, _ service: ServiceDescriptor, to source: inout Source
  ) {
    let input = SwiftName.type(method.inputType)
    let output = SwiftName.type(method.outputType)
    let options = "_ options: CallOptions = CallOptions()"
    let descriptor = "\(service.name)Methods.\(name(method))"
    let function = "package func \(name(method))"
    switch (method.clientStreaming, method.serverStreaming) {
    case (false, false):
      source.block("\(function)(_ request: \(input), \(options)) async throws -> \(output)") {
        $0.line("try await channel.unary(\(descriptor), request, options)")
      }
    case (false, true):
      source.block("\(function)(_ request: \(input), \(options)) -> ResponseStream<\(output)>") {
        $0.line("channel.serverStreaming(\(descriptor), request, options)")
      }
    case (true, false):
      source.block(
        "\(function)(\(options), _ write: (RequestWriter<\(input)>) async throws -> Void) "
          + "async throws -> \(output)"
      ) { $0.line("try await channel.clientStreaming(\(descriptor), options, write)") }
    case (true, true):
      source.block(
        "\(function)<Result>(\(options), _ converse: (RequestWriter<\(input)>, "
          + "ResponseStream<\(output)>) async throws -> Result) async throws -> Result"
      ) { $0.line("try await channel.bidirectional(\(descriptor), options, converse)") }
    }
  }
}
