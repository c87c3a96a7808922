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
      guard let bytes = try await inbound.next() else { return nil }
      return try Request.decode(bytes)
    }
  }

  package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(inbound: inbound) }
}
