import Model

// v1alpha has the messages of v1 under another package name.

extension ReflectionV1Alpha.ServerReflectionRequest {
  var modern: ReflectionV1.ServerReflectionRequest {
    ReflectionV1.ServerReflectionRequest(
      host: host,
      messageRequest: messageRequest.map { question in
        switch question {
        case .fileByFilename(let name): .fileByFilename(name)
        case .fileContainingSymbol(let symbol): .fileContainingSymbol(symbol)
        case .fileContainingExtension(let wanted):
          .fileContainingExtension(
            ReflectionV1.ExtensionRequest(
              containingType: wanted.containingType, extensionNumber: wanted.extensionNumber))
        case .allExtensionNumbersOfType(let type): .allExtensionNumbersOfType(type)
        case .listServices(let text): .listServices(text)
        }
      })
  }
}

extension ReflectionV1.ServerReflectionResponse {
  func dated(
    answering request: ReflectionV1Alpha.ServerReflectionRequest
  ) -> ReflectionV1Alpha.ServerReflectionResponse {
    ReflectionV1Alpha.ServerReflectionResponse(
      validHost: validHost, originalRequest: request,
      messageResponse: messageResponse.map { answer in
        switch answer {
        case .fileDescriptorResponse(let files):
          .fileDescriptorResponse(
            ReflectionV1Alpha.FileDescriptorResponse(
              fileDescriptorProto: files.fileDescriptorProto))
        case .allExtensionNumbersResponse(let numbers):
          .allExtensionNumbersResponse(
            ReflectionV1Alpha.ExtensionNumberResponse(
              baseTypeName: numbers.baseTypeName, extensionNumber: numbers.extensionNumber))
        case .listServicesResponse(let list):
          .listServicesResponse(
            ReflectionV1Alpha.ListServiceResponse(
              service: list.service.map { ReflectionV1Alpha.ServiceResponse(name: $0.name) }))
        case .errorResponse(let error):
          .errorResponse(
            ReflectionV1Alpha.ErrorResponse(
              errorCode: error.errorCode, errorMessage: error.errorMessage))
        }
      })
  }
}
