package import Codec
package import Logging
import Model
package import NIOCore
import NIOPosix
import Synchronization

/// Calls one target over mutually authenticated connections, opened when first needed: round-robin over the addresses
/// of the target that can be reached, on a small pool of connections to each. Errors of calls are `RPCStatus`.
///
/// A call is repeated only when that is safe (see `RetryPolicy`), within its deadline and a retry budget.
/// The deadline of a call covers all its attempts and the waits for a connection.
package final class RPCChannel: Sendable {
  private let target: String
  private let pool: ConnectionPool?
  private let credentials: (any CallCredentials)?
  private let configuration: RPCChannelConfiguration
  private let retries: RetryPolicy
  private let traceNumbers = Mutex(SplitMix64(seed: .random(in: .min ... .max)))
  private let logger: Logger?
  /// Connections that one call may find retired when it comes; more are failures.
  private static let maximumMoves = 16

  /// - Parameters:
  ///   - target: `host:port`, or several with commas between them for several instances of one service. An IPv6 host
  ///     stands in brackets. A name stands for all its addresses, looked up anew when a connection is made.
  ///   - expecting: who the server must be; checked in the handshake.
  ///   - credentials: adds header fields to each call.
  package init(
    target: String, tls: TLSContextStore, expecting: PeerExpectation,
    credentials: (any CallCredentials)? = nil,
    configuration: RPCChannelConfiguration = RPCChannelConfiguration(),
    logger: Logger? = nil, group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
  ) {
    self.target = target
    self.credentials = credentials
    self.configuration = configuration
    self.logger = logger
    retries = RetryPolicy(configuration)
    pool = ServiceAddress.list(target).map {
      ConnectionPool(
        target: target, $0, tls: tls, expectation: expecting, configuration: configuration,
        group: group)
    }
  }

  /// Ends open calls with CANCELLED and closes the connections, within about a second whatever the servers do.
  /// Later calls fail with UNAVAILABLE.
  package func close() async { await pool?.close() }

  // MARK: The four kinds of calls

  /// One request, one response.
  package func unary<Request: WireMessage, Response: WireMessage>(
    _ method: MethodDescriptor, _ request: Request, _ options: CallOptions = CallOptions()
  ) async throws -> Response {
    let deadline = deadline(options, default: configuration.defaultTimeout)
    let framed = MessageFrame.framed(request)
    let (message, _) = try await firstMessage(
      of: method, await options.compression?.apply(to: framed) ?? framed, options, until: deadline)
    return try await Self.decode(message)
  }

  /// One request, a stream of responses. The call starts when the first response is asked for.
  package func serverStreaming<Request: WireMessage, Response: WireMessage>(
    _ method: MethodDescriptor, _ request: Request, _ options: CallOptions = CallOptions()
  ) -> ResponseStream<Response> {
    let framed = MessageFrame.framed(request)
    return ResponseStream { [self] in
      let deadline = deadline(options, default: nil)
      let body = await options.compression?.apply(to: framed) ?? framed
      return try await firstMessage(of: method, body, options, until: deadline)
    }
  }

  /// Any number of requests, one response. Never repeated, as the requests written are gone.
  ///
  /// - Parameter write: writes the requests; they end when it returns. An error that it throws cancels the call and is
  ///   thrown on, unless the server has ended the call before.
  package func clientStreaming<Request: WireMessage, Response: WireMessage>(
    _ method: MethodDescriptor, _ options: CallOptions = CallOptions(),
    _ write: (RequestWriter<Request>) async throws -> Void
  ) async throws -> Response {
    let call = try await makeCall(
      method, nil, options, until: deadline(options, default: nil))
    defer { call.cancel() }
    do {
      try await write(RequestWriter(call, options.compression))
      call.finishSending()
    } catch {
      guard call.hasEnded else { throw error }
    }
    return try await Self.decode(try await call.firstMessage())
  }

  /// Any number of requests and responses, independent of each other. Never repeated.
  ///
  /// - Parameter converse: has the call; when it returns, the call is cancelled unless it has ended. It ends the
  ///   requests with `RequestWriter.finish()`. To read and write at once, let a child task do one of them.
  package func bidirectional<Request: WireMessage, Response: WireMessage, Result>(
    _ method: MethodDescriptor, _ options: CallOptions = CallOptions(),
    _ converse: (RequestWriter<Request>, ResponseStream<Response>) async throws -> Result
  ) async throws -> Result {
    let call = try await makeCall(
      method, nil, options, until: deadline(options, default: nil))
    defer { call.cancel() }
    return try await converse(
      RequestWriter(call, options.compression),
      ResponseStream { (try await call.firstMessage(), call) })
  }

  // MARK: One call

  private func deadline(
    _ options: CallOptions, default timeout: Duration?
  ) -> ContinuousClock.Instant? {
    let own = (options.timeout ?? timeout).map { ContinuousClock.now.advanced(by: $0) }
    guard let inherited = options.parent?.deadline else { return own }
    return own.map { min($0, inherited) } ?? inherited
  }

  /// Starts the call and waits for its first message, with as many attempts as are allowed.
  private func firstMessage(
    of method: MethodDescriptor, _ body: [UInt8], _ options: CallOptions,
    until deadline: ContinuousClock.Instant?
  ) async throws(RPCStatus) -> (ReceivedMessage?, ClientCall) {
    var attempt = 1
    var moves = 0
    while true {
      let call = try await makeCall(method, body, options, until: deadline)
      let failure: RPCStatus
      do throws(RPCStatus) {
        let message = try await call.firstMessage()
        retries.succeeded()
        return (message, call)
      } catch {
        failure = error
      }
      // Its connection was retired while the call was on its way there: no attempt (gRFC A6, transparent retries).
      if case .notSent = call.progress, moves < Self.maximumMoves, !Task.isCancelled {
        moves += 1
        continue
      }
      let pause = retries.pause(
        after: failure, call.progress, method, attempt: attempt, until: deadline)
      guard let pause, !Task.isCancelled else { throw failure }
      logger?.debug(
        "repeating call", metadata: ["method": "\(method.path)", "after": "\(failure)"])
      if pause > .zero, (try? await Task.sleep(for: pause)) == nil {
        throw .callCancelled
      }
      attempt += 1
    }
  }

  /// Waits for a connection and starts the call on it.
  private func makeCall(
    _ method: MethodDescriptor, _ body: [UInt8]?, _ options: CallOptions,
    until deadline: ContinuousClock.Instant?
  ) async throws(RPCStatus) -> ClientCall {
    guard let pool else {
      throw RPCStatus(code: .invalidArgument, message: "\(target) is not host:port")
    }
    let metadata: Metadata
    let connection: ClientConnectionHandle
    do {
      metadata = try RequestFields.metadata(
        try await credentials?.metadata(for: method) ?? [], options)
      connection = try await pool.take(until: deadline, waitForReady: options.waitForReady)
    } catch {
      throw error as? RPCStatus
        ?? RPCStatus(code: .unauthenticated, message: "no credentials: \(error)")
    }
    // The connection counts the call from here on, until it ends.
    let call = ClientCall(
      method,
      fields: RequestFields.make(
        method, authority: connection.authority, metadata, options,
        trace: newSpan(of: options.parent?.trace), deadline: deadline),
      body: body, bufferBytes: configuration.outboundBufferBytes, deadline: deadline,
      received: options.received, on: connection)
    call.start()
    return call
  }

  private func newSpan(of trace: TraceContext?) -> TraceContext {
    traceNumbers.withLock { trace?.child(using: &$0) ?? .root(using: &$0) }
  }

  static func decode<Response: WireMessage>(
    _ message: ReceivedMessage?
  ) async throws(RPCStatus) -> Response {
    guard let message else {
      throw RPCStatus(code: .internal, message: "the response has no message")
    }
    do {
      return try await message.decode()
    } catch let fault as MessageFault {
      throw fault.status
    } catch {
      throw RPCStatus(code: .internal, message: "the response cannot be decoded: \(error)")
    }
  }
}
