package import Codec
import Model

/// The responses of a streaming call, for one consumer. Reading slowly holds the server back;
/// leaving the loop or being cancelled cancels the call. Ends on status OK, throws `RPCStatus` on any other.
package struct ResponseStream<Response: WireMessage>: AsyncSequence, Sendable {
  package typealias Element = Response
  typealias Start = @Sendable () async throws -> (ReceivedMessage?, ClientCall)

  private let start: Start

  init(_ start: @escaping Start) { self.start = start }

  package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(start) }

  package struct AsyncIterator: AsyncIteratorProtocol {
    private let start: Start
    private var running: RunningCall?
    private var hasEnded = false

    init(_ start: @escaping Start) { self.start = start }

    package mutating func next() async throws -> Response? {
      guard !hasEnded else { return nil }
      do {
        let message: ReceivedMessage?
        if let running {
          message = try await running.call.inbound.next()
        } else {
          let (first, call) = try await start()
          running = RunningCall(call)
          message = first
        }
        if let message { return try await RPCChannel.decode(message) as Response }
      } catch {
        end()
        throw error
      }
      end()
      return nil
    }

    private mutating func end() {
      hasEnded = true
      running = nil
    }
  }

  /// Cancels the call when the iterator is dropped; one that has ended does not mind.
  private final class RunningCall {
    let call: ClientCall
    init(_ call: ClientCall) { self.call = call }
    deinit { call.cancel() }
  }
}
