package import Model
import NIOCore

/// What a handler knows of the call besides the request. Copies share one object, but for the caller.
package struct CallContext: Sendable {
  private final class Content: Sendable {
    let method: MethodDescriptor
    let peer: Peer
    let metadata: Metadata
    let deadline: NIODeadline?
    let language: Language
    let trace: TraceContext
    let responsePort: ResponsePort?

    init(
      _ method: MethodDescriptor, _ peer: Peer, _ metadata: Metadata,
      _ deadline: NIODeadline?, _ language: Language, _ trace: TraceContext,
      _ responsePort: ResponsePort?
    ) {
      self.method = method
      self.peer = peer
      self.metadata = metadata
      self.deadline = deadline
      self.language = language
      self.trace = trace
      self.responsePort = responsePort
    }
  }

  private let content: Content
  /// Set by the authentication interceptor.
  package var caller: Caller

  package init(
    method: MethodDescriptor, peer: Peer, metadata: Metadata = Metadata(),
    deadline: ContinuousClock.Instant? = nil, language: Language = .vi,
    trace: TraceContext = .root(), caller: Caller = .anonymous
  ) {
    self.init(
      method: method, peer: peer, metadata: metadata,
      deadline: deadline.map(NIODeadline.init), language: language,
      trace: trace, caller: caller, responsePort: nil)
  }

  init(
    method: MethodDescriptor, peer: Peer, metadata: Metadata, deadline: NIODeadline?,
    language: Language, trace: TraceContext, caller: Caller = .anonymous,
    responsePort: ResponsePort?
  ) {
    content = Content(method, peer, metadata, deadline, language, trace, responsePort)
    self.caller = caller
  }

  package var method: MethodDescriptor { content.method }
  package var peer: Peer { content.peer }
  package var metadata: Metadata { content.metadata }
  /// When the caller stops waiting; the handler's task is cancelled then. Nil when there is no limit.
  package var deadline: ContinuousClock.Instant? {
    content.deadline.map(ContinuousClock.Instant.init)
  }
  /// The language of texts for the caller, from `accept-language`; Vietnamese when it says neither.
  package var language: Language { content.language }
  package var trace: TraceContext { content.trace }
  /// Nil in a context that no server made.
  var responsePort: ResponsePort? { content.responsePort }
}
