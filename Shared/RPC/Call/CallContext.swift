package import Model

/// What a handler knows of the call besides the request.
package struct CallContext: Sendable {
  package let method: MethodDescriptor
  package let peer: Peer
  package let metadata: Metadata
  /// When the caller stops waiting; the handler's task is cancelled then. Nil when there is no limit.
  package let deadline: ContinuousClock.Instant?
  /// The language of texts for the caller, from `accept-language`; Vietnamese when it says neither.
  package let language: Language
  package let trace: TraceContext
  /// Set by the authentication interceptor.
  package var caller: Caller
  /// Nil in a context that no server made.
  var responsePort: ResponseMetadataPort?

  package init(
    method: MethodDescriptor, peer: Peer, metadata: Metadata = Metadata(),
    deadline: ContinuousClock.Instant? = nil, language: Language = .vi,
    trace: TraceContext = .root(), caller: Caller = .anonymous
  ) {
    self.method = method
    self.peer = peer
    self.metadata = metadata
    self.deadline = deadline
    self.language = language
    self.trace = trace
    self.caller = caller
  }
}
