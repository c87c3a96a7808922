import Glibc

/// TCP ports on loopback.
enum FreePorts {
  /// Below the range from which Linux takes the ports of outgoing connections: one of those could
  /// take the port of a service while it restarts.
  private static let range = 15_000..<32_000

  /// Ports that nobody listens on now, all different. Throws when hardly any is free.
  ///
  /// - Parameter taken: ports that somebody is going to listen on.
  static func choose(_ count: Int, except taken: Set<Int> = []) throws -> [Int] {
    var ports: [Int] = []
    let candidates = range.shuffled().prefix(1_000).lazy.filter { !taken.contains($0) }
    for candidate in candidates where ports.count < count && isFree(candidate) {
      ports.append(candidate)
    }
    if ports.count == count { return ports }
    throw ExchangeError("NO_FREE_PORT", "there are hardly any free ports on loopback")
  }

  private static func isFree(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}
