import NIOCore
import NIOPosix
import ServiceLifecycle

/// Answers any HTTP request on one address with the metrics of this process. For loopback only: it
/// asks nobody who they are.
package struct MetricsServer: Service {
  private let address: HostPort
  private let text: @Sendable () -> String

  /// - Throws: when the address is not on loopback.
  package init(address: HostPort, text: @escaping @Sendable () -> String) throws(StartupError) {
    guard ["127.0.0.1", "::1", "localhost"].contains(address.host) else {
      throw StartupError(.configuration, "metrics-listen must be on loopback, not \(address)")
    }
    self.address = address
    self.text = text
  }

  package func run() async throws {
    let text = text
    let channel: any Channel
    do {
      channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(MetricsResponder(text: text))
          }
        }
        .bind(host: address.host, port: address.port).get()
    } catch {
      throw StartupError(.unavailable, "cannot serve metrics on \(address): \(error)")
    }
    try await withTaskCancellationOrGracefulShutdownHandler {
      try await channel.closeFuture.get()
    } onCancelOrGracefulShutdown: {
      channel.close(promise: nil)
    }
  }
}

/// HTTP/1.0 in the smallest form: waits for the end of the request's head, answers, closes.
private final class MetricsResponder: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer
  private let text: @Sendable () -> String
  private var head = ""

  init(text: @escaping @Sendable () -> String) { self.text = text }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    head += String(buffer: unwrapInboundIn(data))
    guard head.contains("\r\n\r\n") else {
      if head.utf8.count > MetricsLimits.headBytes { context.close(promise: nil) }
      return
    }
    let body = text()
    let answer = """
      HTTP/1.0 200 OK\r
      Content-Type: text/plain; version=0.0.4\r
      Content-Length: \(body.utf8.count)\r
      \r

      """
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer + body)))
      .whenComplete { _ in channel.close(promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
