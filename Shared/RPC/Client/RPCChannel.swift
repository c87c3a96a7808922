package import Codec
package import Logging
import Model
package import NIOCore
import NIOPosix

/// Calls one target over a small pool of mutually authenticated connections, opened when first needed.
/// Errors of calls are `RPCStatus`.
///
/// A call is repeated only when that is safe: when the server says that it has not looked at it, or when it
/// ended UNAVAILABLE before a response and the method is idempotent; within the deadline and a retry budget.
package final class RPCChannel: Sendable {
  private let target: String
  private let pool: ConnectionPool?
  private let credentials: (any CallCredentials)?
  private let configuration: RPCChannelConfiguration
  private let budget = RetryBudget()
  private let logger: Logger?

  /// - Parameters:
  ///   - target: `host:port`; an IPv6 host stands in brackets.
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
    pool = ServiceAddress(target).map {
      ConnectionPool(
        address: $0, tls: tls, expectation: expecting, configuration: configuration, group: group)
    }
  }

  /// One request, one response.
  package func unary<Request: WireMessage, Response: WireMessage>(
    _ method: MethodDescriptor, _ request: Request, _ options: CallOptions = CallOptions()
  ) async throws -> Response {
    let deadline = deadline(options, default: configuration.defaultTimeout)
    let (bytes, _) = try await firstMessage(
      of: method, MessageFrame.framed(request), options, until: deadline)
    guard let bytes else {
      throw RPCStatus(code: .internal, message: "the response has no message")
    }
    return try Self.decode(bytes)
  }

  /// One request, a stream of responses. The call starts when the first response is asked for.
  package func serverStreaming<Request: WireMessage, Response: WireMessage>(
    _ method: MethodDescriptor, _ request: Request, _ options: CallOptions = CallOptions()
  ) -> ResponseStream<Response> {
    let body = MessageFrame.framed(request)
    return ResponseStream { [self] in
      try await firstMessage(of: method, body, options, until: deadline(options, default: nil))
    }
  }

  /// Ends open calls with CANCELLED and closes the connections. Later calls fail with UNAVAILABLE.
  package func close() async { await pool?.close() }

  // MARK: One call

  private func deadline(
    _ options: CallOptions, default timeout: Duration?
  ) -> ContinuousClock.Instant? {
    let own = (options.timeout ?? timeout).map { ContinuousClock.now.advanced(by: $0) }
    return [own, options.parent?.deadline].compactMap(\.self).min()
  }

  /// Starts the call and waits for its first message, with as many attempts as are allowed.
  private func firstMessage(
    of method: MethodDescriptor, _ body: [UInt8], _ options: CallOptions,
    until deadline: ContinuousClock.Instant?
  ) async throws -> ([UInt8]?, ClientCall) {
    var attempt = 1
    while true {
      let failure: RPCStatus
      var isUntouched = true
      do throws(RPCStatus) {
        let call = try await makeCall(method, body, options, until: deadline)
        do throws(RPCStatus) {
          let message = try await call.firstMessage()
          budget.succeeded()
          return (message, call)
        } catch {
          isUntouched = call.mayBeRepeated
          throw error
        }
      } catch {
        failure = error
      }
      guard failure.code == .unavailable, isUntouched || method.isIdempotent, budget.failed(),
        attempt < configuration.maximumAttempts
      else { throw failure }
      let pause = configuration.initialBackoff * (Double(1 << attempt) * .random(in: 0.8...1.2))
      if let deadline, .now + pause >= deadline { throw failure }
      guard (try? await Task.sleep(for: pause)) != nil else { throw failure }
      logger?.debug(
        "repeating call", metadata: ["method": "\(method.path)", "after": "\(failure)"])
      attempt += 1
    }
  }

  private func makeCall(
    _ method: MethodDescriptor, _ body: [UInt8], _ options: CallOptions,
    until deadline: ContinuousClock.Instant?
  ) async throws(RPCStatus) -> ClientCall {
    guard let pool else {
      throw RPCStatus(code: .invalidArgument, message: "\(target) is not host:port")
    }
    let fields: [(String, String)]
    let connection: ClientConnectionHandle
    do {
      fields = try await credentials?.metadata(for: method) ?? []
      connection = try await pool.take(until: deadline)
    } catch {
      throw error as? RPCStatus
        ?? RPCStatus(code: .unauthenticated, message: "no credentials: \(error)")
    }
    let call = ClientCall(
      method,
      fields: RequestFields.make(
        method, authority: target, options: options, credentials: fields, deadline: deadline),
      body: body, deadline: deadline, on: connection)
    call.start()
    return call
  }

  static func decode<Response: WireMessage>(_ bytes: [UInt8]) throws(RPCStatus) -> Response {
    do {
      return try bytes.withUnsafeBytes { try Response.decode($0) }
    } catch {
      throw RPCStatus(code: .internal, message: "the response cannot be decoded: \(error)")
    }
  }
}
