import Glibc

/// TCP ports on loopback.
enum FreePorts {
  /// Ports that nobody listens on now, all different. Held open together while they are chosen.
  static func choose(_ count: Int) throws -> [Int] {
    var sockets: [Int32] = []
    defer { sockets.forEach { close($0) } }
    return try (0..<count).map { _ in
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      sockets.append(descriptor)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let result = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
          bind(descriptor, generic, length) == 0 ? getsockname(descriptor, generic, &length) : -1
        }
      }
      guard result == 0 else {
        throw ExchangeError("NO_FREE_PORT", String(cString: strerror(errno)))
      }
      return Int(UInt16(bigEndian: address.sin_port))
    }
  }
}
