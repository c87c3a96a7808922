import Codec
import Model
import RPC
import Testing

/// Server reflection, v1 and v1alpha (grpc/reflection/v1/reflection.proto), against the files that declare things.
@Suite struct ReflectionTests {
  private typealias Question = ReflectionV1.ServerReflectionRequest.MessageRequest
  private typealias Answer = ReflectionV1.ServerReflectionResponse.MessageResponse

  @Test func everySymbolOfEveryFileLeadsToItsFile() async throws {
    try await withEcho { _, channel in
      var wanted: [(Question, String)] = []
      for file in ProtoFile.all {
        wanted.append((.fileByFilename(file.name), file.name))
        for symbol in [file.symbols.first, file.symbols.last].compactMap(\.self) {
          wanted.append((.fileContainingSymbol(symbol), file.name))
        }
      }
      let answers = try await Self.ask(wanted.map(\.0), channel)
      for (answer, (question, name)) in zip(answers, wanted) {
        guard case .fileDescriptorResponse(let files)? = answer else {
          Issue.record("\(question): \(String(describing: answer))")
          continue
        }
        #expect(files.fileDescriptorProto.first == ProtoFile.named(name)?.descriptor)
        #expect(files.fileDescriptorProto.count > (ProtoFile.named(name)?.dependencies.count ?? 0))
      }
      #expect(answers.count == wanted.count)
    }
  }

  @Test func methodsFieldsAndValuesAreSymbolsToo() async throws {
    try await withEcho { _, channel in
      let symbols = [
        "grpc.health.v1.Health.Check", "grpc.health.v1.HealthCheckRequest.service",
        "grpc.health.v1.HealthCheckResponse.ServingStatus",
        "grpc.health.v1.HealthCheckResponse.SERVING",
      ]
      let answers = try await Self.ask(symbols.map { .fileContainingSymbol($0) }, channel)
      for (symbol, answer) in zip(symbols, answers) {
        guard case .fileDescriptorResponse? = answer else {
          Issue.record("\(symbol) is not found")
          continue
        }
      }
    }
  }

  @Test func servicesAreListedAndExtensionsFound() async throws {
    try await withEcho { _, channel in
      let declared = try #require(ProtoFile.all.flatMap(\.extensions).first)
      let answers = try await Self.ask(
        [
          .listServices(""), .allExtensionNumbersOfType(declared.extendee),
          .fileContainingExtension(
            ReflectionV1.ExtensionRequest(
              containingType: declared.extendee, extensionNumber: declared.number)),
        ], channel)
      guard case .listServicesResponse(let list)? = answers[0],
        case .allExtensionNumbersResponse(let numbers)? = answers[1],
        case .fileDescriptorResponse? = answers[2]
      else {
        Issue.record("\(answers)")
        return
      }
      let names = list.service.map(\.name)
      #expect(names.contains(EchoMethods.service) && names.contains("grpc.health.v1.Health"))
      #expect(names.filter { $0.hasSuffix(".ServerReflection") }.count == 2)
      #expect(numbers.baseTypeName == declared.extendee)
      #expect(numbers.extensionNumber.contains(declared.number))
    }
  }

  @Test func whatIsNotThereIsAnErrorInTheStream() async throws {
    try await withEcho { _, channel in
      let answers = try await Self.ask(
        [
          .fileByFilename("nothing.proto"), .fileContainingSymbol("no.Such"),
          .allExtensionNumbersOfType("no.Such"),
          .fileContainingExtension(
            ReflectionV1.ExtensionRequest(containingType: "no.Such", extensionNumber: 1)),
        ], channel)
      for answer in answers {
        guard case .errorResponse(let error)? = answer else {
          Issue.record("\(String(describing: answer))")
          continue
        }
        #expect(error.errorCode == Int32(StatusCode.notFound.rawValue))
      }
      #expect(answers.count == 4)
    }
  }

  @Test func theOlderVersionAnswersAlike() async throws {
    try await withEcho { _, channel in
      let method = Self.method("grpc.reflection.v1alpha.ServerReflection")
      let response = try await channel.bidirectional(method) {
        (
          writer: RequestWriter<ReflectionV1Alpha.ServerReflectionRequest>,
          responses: ResponseStream<ReflectionV1Alpha.ServerReflectionResponse>
        ) in
        try await writer.write(
          ReflectionV1Alpha.ServerReflectionRequest(
            host: "here", messageRequest: .fileContainingSymbol("grpc.health.v1.Health")))
        writer.finish()
        var iterator = responses.makeAsyncIterator()
        return try await iterator.next()
      }
      #expect(response?.validHost == "here" && response?.originalRequest?.host == "here")
      guard case .fileDescriptorResponse(let files)? = response?.messageResponse else {
        Issue.record("\(String(describing: response))")
        return
      }
      let expected = ProtoFile.declaring("grpc.health.v1.Health")?.descriptor
      #expect(files.fileDescriptorProto.first == expected)
    }
  }

  private static func method(_ service: String) -> MethodDescriptor {
    MethodDescriptor(service: service, name: "ServerReflectionInfo", kind: .bidirectional)
  }

  /// One stream of questions, one answer each.
  private static func ask(
    _ questions: [Question], _ channel: RPCChannel
  ) async throws -> [Answer?] {
    try await channel.bidirectional(method("grpc.reflection.v1.ServerReflection")) {
      (
        writer: RequestWriter<ReflectionV1.ServerReflectionRequest>,
        responses: ResponseStream<ReflectionV1.ServerReflectionResponse>
      ) in
      var answers: [Answer?] = []
      var iterator = responses.makeAsyncIterator()
      for question in questions {
        try await writer.write(ReflectionV1.ServerReflectionRequest(messageRequest: question))
        answers.append(try await iterator.next()?.messageResponse)
      }
      writer.finish()
      let end = try await iterator.next()
      #expect(end == nil)
      return answers
    }
  }
}
