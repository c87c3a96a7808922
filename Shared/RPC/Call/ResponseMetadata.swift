import Model

/// What a handler's context knows of the response. Header fields go the way of messages, in order with them.
struct ResponsePort: Sendable {
  let mailbox: LoopMailbox<ServerEvent>
  let stream: Int32
  /// Nil when responses are not to be compressed.
  let compression: MessageCompression?
}

extension CallContext {
  /// Adds header fields to the response. They are sent before the first message, or before the status when there
  /// is none; what is added later is left out, and so is what the caller's limit on header lists has no room for.
  ///
  /// - Throws: INTERNAL when gRPC does not allow a field as metadata.
  package func addInitialMetadata(_ metadata: Metadata) throws(RPCStatus) {
    try send(metadata, isTrailing: false)
  }

  /// Adds trailer fields, which are sent with the status; in a call that fails too. What the caller's limit on header
  /// lists has no room for is left out.
  ///
  /// - Throws: INTERNAL when gRPC does not allow a field as metadata.
  package func addTrailingMetadata(_ metadata: Metadata) throws(RPCStatus) {
    try send(metadata, isTrailing: true)
  }

  private func send(_ metadata: Metadata, isTrailing: Bool) throws(RPCStatus) {
    try MetadataRule.check(metadata)
    guard let responsePort else { return }
    responsePort.mailbox.post(.metadata(responsePort.stream, metadata, isTrailing: isTrailing))
  }
}
