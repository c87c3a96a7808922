import Model

/// The header fields of a request.
enum RequestFields {
  /// Throws INTERNAL when gRPC does not allow a field of the options or the credentials as metadata.
  /// - Parameters:
  ///   - credentials: fields from the channel's credentials; they come before those of the options.
  ///   - trace: the span of the call.
  ///   - deadline: of the whole call; what is left of it is announced as `grpc-timeout`.
  static func make(
    _ method: MethodDescriptor, authority: String, options: CallOptions,
    credentials: [(String, String)], trace: TraceContext, deadline: ContinuousClock.Instant?
  ) throws(RPCStatus) -> HeaderBlock {
    var metadata = Metadata(credentials)
    metadata.add(options.metadata)
    if !metadata.isEmpty { try MetadataRule.check(metadata) }
    var block = HeaderBlock()
    block.add(":method", "POST")
    block.add(":scheme", "https")
    block.add(":path", method.path)
    block.add(":authority", authority)
    block.add("te", "trailers")
    block.add("content-type", "application/grpc")
    block.add("user-agent", "ndx-swift")
    if let deadline {
      block.add("grpc-timeout", GRPCTimeout.format(ContinuousClock.now.duration(to: deadline)))
    }
    block.add("traceparent", trace.traceparent)
    if let parent = options.parent, options.metadata["accept-language"] == nil {
      block.add("accept-language", parent.language.rawValue)
    }
    block.add(metadata)
    return block
  }
}
