import Foundation

/// A TCP connection that says nothing.
final class PlainConnection {
  let descriptor: Int32
  /// Whether the last `read` gave up waiting.
  private(set) var hasTimedOut = false

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw POSIXError(.ECONNREFUSED) }
    limitReads()
  }

  /// Takes over a connected socket.
  init(descriptor: Int32) {
    self.descriptor = descriptor
    limitReads()
  }

  deinit { close(descriptor) }

  private func limitReads() {
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var noDelay: Int32 = 1
    setsockopt(
      descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &noDelay, socklen_t(MemoryLayout<Int32>.size))
  }

  func send(_ bytes: [UInt8]) {
    _ = Foundation.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  /// What has arrived, at most 64 KiB; nil at the end of the connection or after ten seconds of silence.
  func read() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 65536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    hasTimedOut = count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)
    return count > 0 ? Array(buffer[..<count]) : nil
  }

  /// Whether the peer closes within ten seconds.
  func readToEnd() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1024)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count <= 0 { return count == 0 || errno == ECONNRESET }
    }
  }
}
