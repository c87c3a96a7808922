import COpenSSL
import Foundation

@testable import RPC

/// A client that speaks TLS and HTTP/2 by hand and keeps to no rule. For one thread, which it may block.
final class Attacker {
  enum End: Equatable {
    case goAway(code: UInt32)
    case closed
  }

  private(set) var framesSent = 0
  /// Response bytes seen, those of DATA frames.
  private(set) var dataBytes = 0
  /// Error codes of RST_STREAM by stream.
  private(set) var resets: [UInt32: UInt32] = [:]
  /// Streams whose trailers have come.
  private(set) var ended: Set<UInt32> = []
  private let connection: PlainConnection
  private let socket: Int32
  private let context: OpaquePointer
  private let ssl: OpaquePointer
  private var pending: [UInt8] = []
  private var received: [UInt8] = []
  private var goAway: UInt32?
  private var isClosed = false

  /// Connects and shakes hands. `settings` is the payload of the first SETTINGS; nil leaves preface and SETTINGS out.
  init(port: Int, _ credentials: TLSCredentials, settings: [UInt8]? = []) throws {
    signal(SIGPIPE, SIG_IGN)
    connection = try PlainConnection(port: port)
    socket = connection.descriptor
    var one: Int32 = 1
    setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
    guard let context = SSL_CTX_new(TLS_client_method()), let ssl = SSL_new(context) else {
      throw POSIXError(.ENOMEM)
    }
    self.context = context
    self.ssl = ssl
    try setIdentity(credentials)
    SSL_set_alpn_protos(ssl, [2, 0x68, 0x32], 3)
    let modes = SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
    SSL_ctrl(ssl, SSL_CTRL_MODE, Int(modes), nil)
    SSL_set_fd(ssl, socket)
    guard SSL_connect(ssl) == 1 else { throw POSIXError(.ECONNRESET) }
    _ = fcntl(socket, F_SETFL, O_NONBLOCK)
    guard let settings else { return }
    write(RawFrame.preface + RawFrame.bytes(.settings, settings))
  }

  deinit {
    SSL_free(ssl)
    SSL_CTX_free(context)
  }

  private func setIdentity(_ credentials: TLSCredentials) throws {
    guard let identity = credentials.identity else { return }
    let certificate = Self.read(identity.certificateChainPEM) {
      PEM_read_bio_X509($0, nil, nil, nil)
    }
    let key = Self.read(identity.privateKeyPEM) { PEM_read_bio_PrivateKey($0, nil, nil, nil) }
    defer {
      X509_free(certificate)
      EVP_PKEY_free(key)
    }
    guard SSL_use_certificate(ssl, certificate) == 1, SSL_use_PrivateKey(ssl, key) == 1 else {
      throw POSIXError(.EINVAL)
    }
  }

  private static func read(
    _ pem: String, _ parse: (OpaquePointer?) -> OpaquePointer?
  ) -> OpaquePointer? {
    let bytes = Array(pem.utf8)
    let source = BIO_new_mem_buf(bytes, Int32(bytes.count))
    defer { BIO_free(source) }
    return parse(source)
  }

  // MARK: Sending

  /// Adds a frame to what `flush` sends.
  func add(_ frame: [UInt8]) {
    pending += frame
    framesSent += 1
  }

  func flush() {
    write(pending)
    pending = []
  }

  /// Sends a TLS record, which counts as a frame.
  func addRecord(_ bytes: [UInt8]) {
    write(bytes)
    framesSent += 1
  }

  /// Sends bytes as they are, in one TLS record if they fit. Gives up when the server takes nothing for a second.
  func write(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty, !isClosed {
      ERR_clear_error()
      let count = rest.withUnsafeBytes { SSL_write(ssl, $0.baseAddress, Int32($0.count)) }
      if count > 0 {
        rest = rest.dropFirst(Int(count))
      } else if SSL_get_error(ssl, count) != SSL_ERROR_WANT_WRITE || !wait(POLLOUT, 1000) {
        return
      }
    }
  }

  /// Changes this side's key and asks the server to change its own (RFC 8446, 4.6.3).
  func updateKey() {
    SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED)
    SSL_do_handshake(ssl)
    framesSent += 1
  }

  // MARK: Receiving

  /// How the server has ended the connection, if it has within this time.
  func end(within milliseconds: Int32) -> End? {
    let limit = ContinuousClock.now.advanced(by: .milliseconds(Int64(milliseconds)))
    repeat {
      read(for: 1)
      if isClosed { return goAway.map { .goAway(code: $0) } ?? .closed }
    } while ContinuousClock.now < limit
    return nil
  }

  /// Reads answers until the condition holds; false when it does not in ten seconds.
  func read(until condition: (Attacker) -> Bool) -> Bool {
    let limit = ContinuousClock.now.advanced(by: .seconds(10))
    while !condition(self), !isClosed, ContinuousClock.now < limit { read(for: 10) }
    return condition(self)
  }

  /// Reads, and shows the server by PING that the peer is there, until the condition holds or the connection ends;
  /// returns whether it held within ten seconds.
  func linger(until condition: (Attacker) -> Bool = { _ in false }) -> Bool {
    for _ in 0..<500 where !condition(self) && !isClosed {
      write(RawFrame.bytes(.ping, [UInt8](repeating: 0, count: 8)))
      _ = end(within: 20)
    }
    return condition(self)
  }

  private func read(for milliseconds: Int32) {
    guard !isClosed, SSL_pending(ssl) > 0 || wait(POLLIN, milliseconds) else { return }
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      ERR_clear_error()
      let count = SSL_read(ssl, &buffer, Int32(buffer.count))
      guard count > 0 else {
        if SSL_get_error(ssl, count) != SSL_ERROR_WANT_READ { isClosed = true }
        break
      }
      received += buffer[..<Int(count)]
    }
    takeFrames()
  }

  private func takeFrames() {
    var start = 0
    func number(_ offset: Int, _ count: Int) -> UInt32 {
      received[start + offset..<start + offset + count].reduce(0) { $0 << 8 | UInt32($1) }
    }
    while received.count >= start + 9 {
      let count = Int(number(0, 3))
      guard received.count >= start + 9 + count else { break }
      switch RawFrame.Kind(rawValue: received[start + 3]) {
      case .goAway: goAway = number(13, 4)
      case .resetStream: resets[number(5, 4)] = number(9, 4)
      case .data: dataBytes += count
      case .headers:
        if received[start + 4] & RawFrame.endStream != 0 { ended.insert(number(5, 4)) }
      default: break
      }
      start += 9 + count
    }
    received.removeFirst(start)
  }

  private func wait(_ events: Int32, _ milliseconds: Int32) -> Bool {
    var descriptor = pollfd(fd: socket, events: Int16(events), revents: 0)
    return poll(&descriptor, 1, milliseconds) > 0
  }
}

/// Runs blocking work on a thread of its own, so that it keeps no task from running.
func onThread<Result: Sendable>(
  _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Swift.Result { try body() }) }
  }
}
