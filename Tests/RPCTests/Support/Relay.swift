import NIOCore
import NIOPosix
import Synchronization

/// A TCP relay between a channel and a server, which a test can make misbehave.
final class Relay: Sendable {
  enum Manner: Sendable {
    case forward
    /// Takes bytes and passes none on.
    case silent
    /// Passes bytes on one at a time.
    case trickle
  }

  let port: Int
  /// Connections that have come in.
  let accepted = Atomic(0)

  private struct State {
    var manner: Manner
    var channels: [any Channel] = []
  }

  private let listener: any Channel
  private let state: Mutex<State>

  private init(_ listener: any Channel, _ box: Box) {
    self.listener = listener
    port = listener.localAddress?.port ?? 0
    state = Mutex(State(manner: box.manner))
    box.relay.withLock { $0 = self }
  }

  private final class Box: Sendable {
    let manner: Manner
    let relay = Mutex<Relay?>(nil)
    init(_ manner: Manner) { self.manner = manner }
  }

  /// - Parameter port: of the server on loopback; 0 when there is none, for a silent relay.
  static func start(to port: Int, _ manner: Manner = .forward) async throws -> Relay {
    let box = Box(manner)
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { incoming in
        guard let relay = box.relay.withLock({ $0 }) else { return incoming.close() }
        return relay.accept(incoming, to: port)
      }
      .bind(host: "127.0.0.1", port: 0).get()
    return Relay(listener, box)
  }

  var target: String { "127.0.0.1:\(port)" }

  var manner: Manner {
    get { state.withLock { $0.manner } }
    set { state.withLock { $0.manner = newValue } }
  }

  /// Ends the connections that are open, without a word of TLS or HTTP/2.
  func cut() {
    let channels = state.withLock { state in
      defer { state.channels = [] }
      return state.channels
    }
    for channel in channels { channel.close(promise: nil) }
  }

  func stop() async {
    try? await listener.close()
    cut()
  }

  private func accept(_ incoming: any Channel, to port: Int) -> EventLoopFuture<Void> {
    accepted.add(1, ordering: .relaxed)
    keep(incoming)
    guard port > 0 else { return incoming.pipeline.addHandler(Pipe(self, to: nil)) }
    return ClientBootstrap(group: incoming.eventLoop)
      .channelInitializer { outgoing in
        self.keep(outgoing)
        return outgoing.pipeline.addHandler(Pipe(self, to: incoming))
      }
      .connect(host: "127.0.0.1", port: port)
      .flatMap { outgoing in incoming.pipeline.addHandler(Pipe(self, to: outgoing)) }
  }

  private func keep(_ channel: any Channel) { state.withLock { $0.channels.append(channel) } }

  /// One direction of one connection.
  private final class Pipe: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    private let relay: Relay
    private let other: (any Channel)?

    init(_ relay: Relay, to other: (any Channel)?) {
      self.relay = relay
      self.other = other
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard let other else { return }
      var buffer = unwrapInboundIn(data)
      switch relay.manner {
      case .silent: break
      case .forward: other.writeAndFlush(buffer, promise: nil)
      case .trickle:
        while let byte = buffer.readSlice(length: 1) { other.writeAndFlush(byte, promise: nil) }
      }
    }

    func channelInactive(context: ChannelHandlerContext) { other?.close(promise: nil) }
  }
}
