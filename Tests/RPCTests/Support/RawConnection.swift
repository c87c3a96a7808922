import Foundation

@testable import RPC

/// A TLS connection on which a test writes HTTP/2 frames by hand. Blocking; for one test at a time.
final class RawConnection {
  struct Frame: Equatable {
    let type: UInt8
    let flags: UInt8
    let stream: UInt32
    let payload: [UInt8]

    /// The error code of GOAWAY or RST_STREAM.
    var errorCode: UInt32? {
      let start = type == 7 ? 4 : 0
      guard type == 7 || type == 3, payload.count >= start + 4 else { return nil }
      return payload[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
  }

  private let socket: PlainConnection
  private let tls: TLSEngine
  private var received: [UInt8] = []

  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  /// A client of the server, which has sent its preface and empty SETTINGS.
  convenience init(_ server: TestServer) throws {
    let credentials = try server.authority.credentials(TestAuthority.clientID)
    try self.init(
      PlainConnection(port: server.port), TLSContext(credentials, side: .client))
    send(Self.preface)
    send(type: 4)
  }

  /// Either side of a connection, which has done the TLS handshake and sent nothing.
  init(_ socket: PlainConnection, _ context: TLSContext) throws {
    self.socket = socket
    tls = try TLSEngine(context)
    while true {
      let progress = tls.handshake()
      flush()
      if case .finished = progress { break }
      guard case .wantsMore = progress, fill() else { throw POSIXError(.ECONNRESET) }
    }
  }

  /// Whether the last read gave up waiting, instead of having met the end of the connection.
  var hasTimedOut: Bool { socket.hasTimedOut }

  func send(type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) {
    let count = payload.count
    let header: [UInt8] = [
      UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255), type, flags,
      UInt8(stream >> 24), UInt8(stream >> 16 & 255), UInt8(stream >> 8 & 255), UInt8(stream & 255),
    ]
    send(header + payload)
  }

  /// HEADERS with literal fields, none of them indexed or compressed (RFC 7541, 6.2.2).
  func sendHeaders(
    stream: UInt32, path: String = "/ndx.test.v1.EchoService/Echo", isLast: Bool = false,
    replacing: [String: String?] = [:]
  ) {
    var fields: [(String, String?)] = [
      (":method", "POST"), (":scheme", "https"), (":path", path), (":authority", "test"),
      ("te", "trailers"), ("content-type", "application/grpc"),
    ]
    fields = fields.map { ($0.0, replacing.keys.contains($0.0) ? replacing[$0.0] ?? nil : $0.1) }
    let known = Set(fields.map(\.0))
    fields += replacing.filter { !known.contains($0.key) }.map { ($0.key, $0.value) }
    var block: [UInt8] = []
    for case (let name, let value?) in fields {
      block.append(0)
      for text in [name, value] { block += [UInt8(text.utf8.count)] + Array(text.utf8) }
    }
    send(type: 1, flags: isLast ? 5 : 4, stream: stream, block)
  }

  func sendData(stream: UInt32, _ payload: [UInt8], isLast: Bool = true) {
    send(type: 0, flags: isLast ? 1 : 0, stream: stream, payload)
  }

  /// The next frame of this type; nil when the connection ends first. Frames before it are dropped.
  func frame(type: UInt8, stream: UInt32 = 0) -> Frame? {
    while true {
      while let frame = takeFrame() {
        if frame.type == type && frame.stream == stream { return frame }
      }
      guard fill() else { return nil }
    }
  }

  /// The next frame of any type; nil when the connection ends first or nothing comes.
  func nextFrame() -> Frame? {
    while true {
      if let frame = takeFrame() { return frame }
      guard fill() else { return nil }
    }
  }

  /// The next bytes as they are; nil when the connection ends first or they do not come.
  func bytes(_ count: Int) -> [UInt8]? {
    while received.count < count {
      guard fill() else { return nil }
    }
    defer { received.removeFirst(count) }
    return Array(received.prefix(count))
  }

  /// Says by close_notify that nothing more will be sent.
  func endSending() { sendLast([]) }

  /// The bytes and close_notify, together.
  func sendLast(_ bytes: [UInt8]) {
    _ = bytes.withUnsafeBytes { tls.write($0) }
    tls.close()
    flush()
  }

  private func takeFrame() -> Frame? {
    guard received.count >= 9 else { return nil }
    let count = Int(received[0]) << 16 | Int(received[1]) << 8 | Int(received[2])
    guard received.count >= 9 + count else { return nil }
    defer { received.removeFirst(9 + count) }
    let stream = received[5..<9].reduce(0) { $0 << 8 | UInt32($1) }
    return Frame(
      type: received[3], flags: received[4], stream: stream,
      payload: Array(received[9..<9 + count]))
  }

  func send(_ bytes: [UInt8]) {
    _ = bytes.withUnsafeBytes { tls.write($0) }
    flush()
  }

  private func flush() {
    while tls.outputBytes > 0 {
      var buffer = [UInt8](repeating: 0, count: tls.outputBytes)
      let count = buffer.withUnsafeMutableBytes { tls.takeOutput(into: $0) }
      socket.send(Array(buffer[..<count]))
    }
  }

  /// Waits for bytes; false at the end of the connection.
  private func fill() -> Bool {
    guard var buffer = socket.read() else { return false }
    buffer.withUnsafeBytes { tls.receive($0) }
    buffer = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      let result = buffer.withUnsafeMutableBytes { tls.read(into: $0) }
      switch result {
      case .bytes(let count): received += buffer[..<count]
      case .wantsMore: return true
      case .closed, .failed: return !received.isEmpty
      }
    }
  }
}
