package import Codec
import Model

/// The responses of a streaming call, for one consumer. Reading slowly holds the server back;
/// leaving the loop or being cancelled cancels the call. Ends on status OK, throws `RPCStatus` on any other.
package struct ResponseStream<Response: WireMessage>: AsyncSequence, Sendable {
  package typealias Element = Response

  package struct AsyncIterator: AsyncIteratorProtocol {
    package mutating func next() async throws -> Response? {
      throw RPCStatus(code: .unimplemented, message: "not yet")
    }
  }

  package func makeAsyncIterator() -> AsyncIterator { AsyncIterator() }
}
