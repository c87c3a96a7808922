package import Codec

/// The requests of a client-streaming or bidirectional call, for one consumer, in the order sent.
/// Reading slowly holds the client back.
package struct RequestStream<Request: WireMessage>: AsyncSequence, Sendable {
  package typealias Element = Request
  private let inbound: InboundMessages

  init(_ inbound: InboundMessages) { self.inbound = inbound }

  package struct AsyncIterator: AsyncIteratorProtocol {
    let inbound: InboundMessages

    /// The next request, or nil when the client has sent its last.
    package mutating func next() async throws -> Request? {
      try await inbound.next()?.decode()
    }
  }

  package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(inbound: inbound) }
}
