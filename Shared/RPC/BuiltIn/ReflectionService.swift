import Codec
import Model

/// Server reflection (github.com/grpc/grpc, doc/server-reflection.md), v1 and the older v1alpha, which differ in name only.
/// Open to every caller with a certificate.
struct ReflectionService: Sendable {
  private static let access = MethodAccess(certificate: true, services: ["*"])
  static let v1 = method(of: "grpc.reflection.v1.ServerReflection")
  static let v1Alpha = method(of: "grpc.reflection.v1alpha.ServerReflection")

  private let services: [String]

  /// - Parameter services: full names of what the server offers, besides reflection itself.
  init(services: Set<String>) {
    self.services = (services.union([Self.v1.service, Self.v1Alpha.service])).sorted()
  }

  var methods: [RegisteredMethod] {
    [
      .bidirectional(Self.v1) {
        (requests: RequestStream<ReflectionV1.ServerReflectionRequest>, _, writer) in
        for try await request in requests { try await writer.write(answer(request)) }
      },
      .bidirectional(Self.v1Alpha) {
        (requests: RequestStream<ReflectionV1Alpha.ServerReflectionRequest>, _, writer) in
        for try await request in requests {
          try await writer.write(answer(request.modern).dated(answering: request))
        }
      },
    ]
  }

  private static func method(of service: String) -> MethodDescriptor {
    MethodDescriptor(
      service: service, name: "ServerReflectionInfo", kind: .bidirectional, isIdempotent: true,
      access: access)
  }

  private func answer(
    _ request: ReflectionV1.ServerReflectionRequest
  ) -> ReflectionV1.ServerReflectionResponse {
    ReflectionV1.ServerReflectionResponse(
      validHost: request.host, originalRequest: request,
      messageResponse: answer(to: request.messageRequest))
  }

  private func answer(
    to question: ReflectionV1.ServerReflectionRequest.MessageRequest?
  ) -> ReflectionV1.ServerReflectionResponse.MessageResponse {
    switch question {
    case .fileByFilename(let name)?: file(ProtoFile.named(name), name)
    case .fileContainingSymbol(let symbol)?: file(ProtoFile.declaring(symbol), symbol)
    case .fileContainingExtension(let wanted)?:
      file(
        ProtoFile.declaring(
          ProtoExtension(extendee: wanted.containingType, number: wanted.extensionNumber)),
        "extension \(wanted.extensionNumber) of \(wanted.containingType)")
    case .allExtensionNumbersOfType(let type)?: extensionNumbers(of: type)
    case .listServices?:
      .listServicesResponse(
        ReflectionV1.ListServiceResponse(
          service: services.map { ReflectionV1.ServiceResponse(name: $0) }))
    case nil: error(.invalidArgument, "the request asks nothing")
    }
  }

  /// The file and everything it imports, the file first.
  private func file(
    _ wanted: ProtoFile?, _ what: String
  ) -> ReflectionV1.ServerReflectionResponse.MessageResponse {
    guard let wanted else { return error(.notFound, "not found: \(what)") }
    var open = [wanted]
    var seen: Set<String> = [wanted.name]
    var descriptors: [[UInt8]] = []
    while let file = open.first {
      open.removeFirst()
      descriptors.append(file.descriptor)
      open += file.dependencies.filter { seen.insert($0).inserted }.compactMap(ProtoFile.named)
    }
    return .fileDescriptorResponse(
      ReflectionV1.FileDescriptorResponse(fileDescriptorProto: descriptors))
  }

  private func extensionNumbers(
    of type: String
  ) -> ReflectionV1.ServerReflectionResponse.MessageResponse {
    guard ProtoFile.declaring(type) != nil else { return error(.notFound, "not found: \(type)") }
    let numbers = ProtoFile.all.flatMap(\.extensions).filter { $0.extendee == type }.map(\.number)
    return .allExtensionNumbersResponse(
      ReflectionV1.ExtensionNumberResponse(baseTypeName: type, extensionNumber: numbers.sorted()))
  }

  private func error(
    _ code: StatusCode, _ message: String
  ) -> ReflectionV1.ServerReflectionResponse.MessageResponse {
    .errorResponse(
      ReflectionV1.ErrorResponse(errorCode: Int32(code.rawValue), errorMessage: message))
  }
}
