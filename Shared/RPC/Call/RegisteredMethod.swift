package import Codec

/// Work on one request, ending in the framed bytes of the one response. Like every asynchronous function
/// here it runs where it is called (NonisolatedNonsendingByDefault), which saves a change of threads per call.
typealias UnaryHandler = @Sendable (ReceivedMessage, CallContext) async throws -> [UInt8]
/// Work on one request that writes responses as it goes.
typealias ServerStreamingHandler =
  @Sendable (ReceivedMessage, CallContext, OutboundMessages) async throws -> Void
/// Work on a stream of requests that writes responses as it goes.
typealias StreamingHandler =
  @Sendable (InboundMessages, CallContext, OutboundMessages) async throws -> Void

/// A method together with the code that answers it. Made by the generated `methods` of a handler protocol.
package final class RegisteredMethod: Sendable {
  enum Handler: Sendable {
    case unary(UnaryHandler)
    case serverStreaming(ServerStreamingHandler)
    case streaming(StreamingHandler)
  }

  package let descriptor: MethodDescriptor
  let handler: Handler
  /// Shared by the methods of a service.
  let calls: CallLimiter

  private init(
    _ descriptor: MethodDescriptor, _ handler: Handler,
    _ calls: CallLimiter = CallLimiter(limit: .max)
  ) {
    self.descriptor = descriptor
    self.handler = handler
    self.calls = calls
  }

  /// The same method under a limit.
  func limited(by calls: CallLimiter) -> RegisteredMethod {
    RegisteredMethod(descriptor, handler, calls)
  }

  /// One request, one response.
  package static func unary<Request: WireMessage, Response: WireMessage>(
    _ descriptor: MethodDescriptor,
    handler:
      @escaping @Sendable (Request, CallContext) async throws ->
      Response
  ) -> RegisteredMethod {
    RegisteredMethod(
      descriptor,
      .unary { message, context in
        let framed = MessageFrame.framed(try await handler(try await message.decode(), context))
        return await context.compression?.apply(to: framed) ?? framed
      })
  }

  /// One request; the handler writes any number of responses. Returning ends the stream.
  package static func serverStreaming<Request: WireMessage, Response: WireMessage>(
    _ descriptor: MethodDescriptor,
    handler:
      @escaping @Sendable (
        Request, CallContext, ResponseWriter<Response>
      ) async throws -> Void
  ) -> RegisteredMethod {
    RegisteredMethod(
      descriptor,
      .serverStreaming { message, context, outbound in
        let writer = ResponseWriter<Response>(outbound, context.compression)
        try await handler(try await message.decode(), context, writer)
      })
  }

  /// Any number of requests, one response.
  package static func clientStreaming<Request: WireMessage, Response: WireMessage>(
    _ descriptor: MethodDescriptor,
    handler:
      @escaping @Sendable (RequestStream<Request>, CallContext)
      async throws -> Response
  ) -> RegisteredMethod {
    RegisteredMethod(
      descriptor,
      .streaming { inbound, context, outbound in
        let response = try await handler(RequestStream(inbound), context)
        try await ResponseWriter(outbound, context.compression).write(response)
      })
  }

  /// Any number of requests and responses, independent of each other.
  package static func bidirectional<Request: WireMessage, Response: WireMessage>(
    _ descriptor: MethodDescriptor,
    handler:
      @escaping @Sendable (
        RequestStream<Request>, CallContext, ResponseWriter<Response>
      ) async throws -> Void
  ) -> RegisteredMethod {
    RegisteredMethod(
      descriptor,
      .streaming { inbound, context, outbound in
        let writer = ResponseWriter<Response>(outbound, context.compression)
        try await handler(RequestStream(inbound), context, writer)
      })
  }
}
