import NIOCore
import NIOEmbedded

@testable import RPC

/// A real connection of the server on a channel without a socket, and the client's end of its TLS.
final class FuzzedSession {
  let channel: EmbeddedChannel
  let connection: ServerConnection
  private let client: TLSEngine
  private var nextStream: UInt32 = 1
  private var output = ServerOutput()

  var isOpen: Bool { channel.isActive }

  init() throws {
    let core = try FuzzedService.core.get()
    connection = try ServerConnection(core: core, remoteAddress: nil)
    client = try TLSEngine(core.tls.context(for: .client))
    channel = EmbeddedChannel(handler: connection)
    channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
    for _ in 0..<4 {
      if case .finished = client.handshake() { break }
      try exchange()
    }
    guard case .finished = client.handshake() else {
      throw BrokenLaw(description: "the handshake fails: an earlier connection is still there")
    }
    send(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8))
    send(type: 4, [])
    try exchange()
  }

  // MARK: The client's moves

  func send(_ bytes: [UInt8]) { _ = bytes.withUnsafeBytes { client.write($0) } }

  func send(type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8]) {
    let count = payload.count
    send(
      [0, UInt8(count >> 8), UInt8(count & 255), type, flags]
        + [0, 0, UInt8(stream >> 8 & 255), UInt8(stream & 255)] + payload)
  }

  /// Begins a call; each bit of `twists` departs from what an honest client sends.
  func call(method: UInt8, twists: UInt8) {
    let paths = FuzzedService.paths
    var fields = [
      (":method", twists & 1 == 0 ? "POST" : "GET"), (":scheme", "https"),
      (":path", paths[Int(method) % paths.count]), (":authority", "fuzz"),
      ("content-type", twists & 2 == 0 ? "application/grpc" : "text/plain"),
    ]
    if twists & 4 == 0 { fields.append(("te", "trailers")) }
    if twists & 8 != 0 { fields.append(("grpc-timeout", "1n")) }
    if twists & 16 != 0 {
      fields += [("grpc-encoding", "gzip"), ("grpc-accept-encoding", "identity,gzip")]
    }
    if twists & 32 != 0 { fields.append(("data-bin", "AA")) }
    var block: [UInt8] = []
    for (name, value) in fields {
      block.append(0)
      for text in [name, value] { block += [UInt8(text.utf8.count)] + Array(text.utf8) }
    }
    send(type: 1, flags: twists & 64 == 0 ? 4 : 5, stream: nextStream, block)
    nextStream += twists & 128 == 0 ? 2 : 1
  }

  func setWritable(_ isWritable: Bool) {
    channel.isWritable = isWritable
    channel.pipeline.fireChannelWritabilityChanged()
  }

  // MARK: Both ends at work

  /// Hands on what either end has to send until neither has, and checks what the server sent.
  func exchange() throws {
    var isQuiet = false
    while !isQuiet {
      repeat { channel.embeddedEventLoop.run() } while OwnThreadTasks.runWaiting()
      isQuiet = true
      var bytes = [UInt8](repeating: 0, count: client.outputBytes)
      if !bytes.isEmpty, isOpen {
        isQuiet = false
        let count = bytes.withUnsafeMutableBytes { client.takeOutput(into: $0) }
        try channel.writeInbound(ByteBuffer(bytes: bytes[..<count]))
      }
      while let sent = try channel.readOutbound(as: ByteBuffer.self) {
        isQuiet = false
        sent.withUnsafeReadableBytes { client.receive($0) }
      }
      try readClient()
    }
    try require(
      !connection.streams.isEmpty || connection.held.count == 0,
      "bytes are counted that no stream holds")
  }

  private func readClient() throws {
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while case .bytes(let count) = buffer.withUnsafeMutableBytes({ client.read(into: $0) }) {
      try output.add(buffer[..<count])
    }
  }

  /// The client goes away, and what was going on comes to its end. The channel is finished last: that
  /// drops what its event loop has still to do.
  func end() throws {
    try exchange()
    channel.close(promise: nil)
    repeat { channel.embeddedEventLoop.run() } while OwnThreadTasks.runWaiting()
    _ = try channel.finish(acceptAlreadyClosed: true)
    try require(connection.streams.isEmpty, "streams outlive their connection")
    try require(connection.held.count == 0, "bytes are held for a connection that has ended")
  }
}
