import Model

/// The header fields of a request.
enum RequestFields {
  /// The fields of the channel's credentials, and after them those of the options.
  /// Throws INTERNAL when gRPC does not allow one as metadata.
  static func metadata(
    _ credentials: [(String, String)], _ options: CallOptions
  ) throws(RPCStatus) -> Metadata {
    var metadata = Metadata(credentials)
    metadata.add(options.metadata)
    if !metadata.isEmpty { try MetadataRule.check(metadata) }
    return metadata
  }

  /// - Parameters:
  ///   - metadata: from `metadata(_:_:)`.
  ///   - trace: the span of the call.
  ///   - deadline: of the whole call; what is left of it is announced as `grpc-timeout`.
  static func make(
    _ method: MethodDescriptor, authority: String, _ metadata: Metadata, _ options: CallOptions,
    trace: TraceContext, deadline: ContinuousClock.Instant?
  ) -> HeaderBlock {
    var block = HeaderBlock()
    block.add(":method", "POST")
    block.add(":scheme", "https")
    block.add(":path", method.path)
    block.add(":authority", authority)
    block.add("te", "trailers")
    block.add("content-type", "application/grpc")
    block.add("grpc-accept-encoding", MessageCompression.accepted)
    if options.compressesRequests { block.add("grpc-encoding", "gzip") }
    block.add("user-agent", "grpc-swift-ndx/1")
    if let deadline {
      block.add("grpc-timeout", GRPCTimeout.format(ContinuousClock.now.duration(to: deadline)))
    }
    block.add("traceparent", trace.traceparent)
    if let parent = options.parent, metadata["accept-language"] == nil {
      block.add("accept-language", parent.language.rawValue)
    }
    block.add(metadata)
    return block
  }
}
