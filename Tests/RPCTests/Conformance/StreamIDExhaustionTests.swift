import CNGHTTP2
import Model
import NIOCore
import NIOPosix
import Testing

@testable import RPC

/// A connection has 2^30 streams of a client's; then another connection is needed (RFC 9113, 5.1.1).
@Suite struct StreamIDExhaustionTests {
  @Test func theLastStreamIsUsedAndTheNextCallIsLeftToAnotherConnection() async throws {
    let server = try await TestServer.start()
    let (changes, continuation) = AsyncStream.makeStream(of: ClientConnectionChange.self)
    let channel = try await connect(to: server) { continuation.yield($0) }
    var events = changes.makeAsyncIterator()
    var ready: ClientConnectionHandle?
    while ready == nil, let event = await events.next() {
      if case .ready(let handle) = event { ready = handle }
    }
    let handle = try #require(ready)
    try await channel.eventLoop.submit {
      let connection = try channel.pipeline.syncOperations.handler(type: ClientConnection.self)
      nghttp2_session_set_next_stream_id(connection.session, 0x7fff_ffff)
    }.get()

    let last = call(on: handle)
    last.start()
    let answer = try await last.firstMessage()?.bytes
    #expect(answer == MessageFrame.framed(Echo(typeURL: "last"))[5...].map(\.self))

    let next = call(on: handle)
    next.start()
    await #expect(throws: RPCStatus.self) { try await next.firstMessage() }
    guard case .notSent = next.progress else {
      Issue.record("the call may not be repeated elsewhere")
      return
    }
    var isDraining = false
    while let event = await events.next() {
      if case .draining = event { isDraining = true }
      if case .closed = event { break }
    }
    #expect(isDraining)
    await server.stop()
  }

  private func connect(
    to server: TestServer, changed: @escaping @Sendable (ClientConnectionChange) -> Void
  ) async throws -> any Channel {
    let service = try #require(ServiceAddress(server.target))
    let address = try SocketAddress(ipAddress: "127.0.0.1", port: server.port)
    let endpoint = Endpoint(service: service, address: address)
    let plan = ConnectionPlan(id: 1, subchannel: 0, endpoint: endpoint, generation: 0)
    let credentials = try server.authority.credentials(TestAuthority.clientID)
    let context = try TLSContext(credentials, side: .client)
    return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let handler = try ClientConnection(
            plan, tls: context, expectation: .anyTrusted, configuration: RPCChannelConfiguration(),
            keepaliveInterval: .seconds(30), changed: changed)
          try channel.pipeline.syncOperations.addHandler(handler)
        }
      }
      .connect(to: address).get()
  }

  private func call(on handle: ClientConnectionHandle) -> ClientCall {
    var fields = HeaderBlock()
    for (name, value) in FieldBlock.request().fields { fields.add(name, value) }
    return ClientCall(
      EchoMethods.echo, fields: fields, body: MessageFrame.framed(Echo(typeURL: "last")),
      bufferBytes: 1 << 16, deadline: .now + .seconds(10), on: handle)
  }
}
