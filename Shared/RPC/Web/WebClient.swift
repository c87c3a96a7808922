import NIOCore
import NIOPosix
import Synchronization

/// A client of one web server (HTTP/1.1, RFC 9112) over TLS 1.3, or in plain text on loopback. Connections are kept for
/// later requests. As many requests may be under way as the caller starts, each on a connection of its own.
///
/// Nothing is believed of the network: a body is complete or the request fails; what is longer than the limits is not
/// read; redirects are answers like any other; no content coding is asked for or taken.
package final class WebClient: Sendable {
  package let address: WebAddress
  private let configuration: WebClientConfiguration
  private let tls: WebClientTLS?
  private struct Idle {
    var channels: [any Channel] = []
    var isClosed = false
  }
  private let idle = Mutex(Idle())

  /// - Throws: `TLSError` when the roots cannot be used.
  package init(
    _ address: WebAddress, trust: WebTrust = .roots(pem: nil),
    configuration: WebClientConfiguration = WebClientConfiguration()
  ) throws {
    self.address = address
    self.configuration = configuration
    tls = address.isSecure ? try WebClientTLS(trust, address.service) : nil
  }

  /// - Parameter path: below the server's address, with a leading slash, percent-encoded.
  package func get(_ path: String) async throws(WebFailure) -> WebAnswer {
    try await send(WebClientRequest(path: path))
  }

  /// Is never repeated once a byte of it may have reached the server.
  package func post(
    _ path: String, contentType: String, body: [UInt8]
  ) async throws(WebFailure) -> WebAnswer {
    try await send(WebClientRequest(path: path, post: (contentType, body)))
  }

  /// Closes the connections that wait. Requests under way end as they would; later ones make connections of their own,
  /// which are not kept.
  package func close() {
    let channels = idle.withLock { idle in
      idle.isClosed = true
      defer { idle.channels = [] }
      return idle.channels
    }
    for channel in channels { channel.close(promise: nil) }
  }

  private func send(_ request: WebClientRequest) async throws(WebFailure) -> WebAnswer {
    let deadline = NIODeadline.now() + TimeAmount(configuration.requestTimeout)
    if let channel = takeIdle() {
      switch await exchange(request, on: channel, by: deadline) {
      case .success(let answer): return answer
      // The server may have closed the connection while it waited.
      case .failure(let loss) where loss.mayRepeat(request): break
      case .failure(let loss): throw loss.failure
      }
    }
    let channel = try await connect(by: deadline)
    return try await exchange(request, on: channel, by: deadline).mapError(\.failure).get()
  }

  private func takeIdle() -> (any Channel)? {
    idle.withLock { idle in
      idle.channels.removeAll { !$0.isActive }
      return idle.channels.popLast()
    }
  }

  private func keep(_ channel: any Channel) {
    let isKept = idle.withLock { idle in
      guard !idle.isClosed, idle.channels.count < configuration.maximumIdleConnections else {
        return false
      }
      idle.channels.append(channel)
      return true
    }
    if !isKept { channel.close(promise: nil) }
  }

  private func exchange(
    _ request: WebClientRequest, on channel: any Channel, by deadline: NIODeadline
  ) async -> Result<WebAnswer, WebLoss> {
    let result = await withTaskCancellationHandler {
      await WebClientConnection.exchange(request, on: channel, by: deadline)
    } onCancel: {
      channel.close(promise: nil)
    }
    return result.map { answer, isReusable in
      if isReusable { keep(channel) } else { channel.close(promise: nil) }
      return answer
    }
  }

  private func connect(by deadline: NIODeadline) async throws(WebFailure) -> any Channel {
    let limit = min(deadline, .now() + TimeAmount(configuration.connectTimeout))
    let (tls, address, configuration) = (tls, address, configuration)
    let channel: any Channel
    do {
      channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connectTimeout(limit - .now())
        .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try WebClientConnection.prepare(channel, tls, address, configuration)
          }
        }
        .connect(host: address.service.host, port: address.service.port).get()
    } catch let error as TLSError {
      throw .untrusted("\(error)")
    } catch {
      throw .unreachable("\(error)")
    }
    let outcome = await withTaskCancellationHandler {
      await WebClientConnection.established(channel, by: limit)
    } onCancel: {
      channel.close(promise: nil)
    }
    try outcome.get()
    return channel
  }
}

/// Makes the TLS of connections to one server.
struct WebClientTLS: Sendable {
  private let expectation: PeerExpectation
  private let service: ServiceAddress
  private let context: @Sendable () throws -> TLSContext

  init(_ trust: WebTrust, _ service: ServiceAddress) throws {
    self.service = service
    switch trust {
    case .roots(let pem):
      let made = try TLSContext(
        TLSCredentials(identity: nil, trust: .webRoots(pem: pem)), side: .webClient)
      context = { made }
      // What the certificate must say is OpenSSL's to judge.
      expectation = PeerExpectation(service.host) { _ in true }
    case .exchange(let store, let expected):
      context = { try store.context(for: .client) }
      expectation = expected
    }
  }

  func engine() throws -> TLSEngine {
    try TLSEngine(
      context(), target: ClientTarget(service: service, expectation: expectation), isWeb: true)
  }
}
