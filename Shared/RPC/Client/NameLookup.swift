import Glibc
import NIOCore
import NIOPosix

/// Name lookup by the system (files, DNS), on threads that may block.
enum NameLookup {
  /// All addresses of the host, IPv4 and IPv6, in the system's order of preference (RFC 6724).
  static func addresses(
    of service: ServiceAddress,
    _ done: @escaping @Sendable (Result<[SocketAddress], TLSError>) -> Void
  ) {
    NIOThreadPool.singleton.submit { state in
      switch state {
      case .active: done(lookUp(service))
      case .cancelled: done(.failure(TLSError("the process is ending")))
      }
    }
  }

  private static func lookUp(_ service: ServiceAddress) -> Result<[SocketAddress], TLSError> {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let result = getaddrinfo(service.host, String(service.port), &hints, &list)
    defer { if let list { freeaddrinfo(list) } }
    guard result == 0 else {
      let reason = gai_strerror(result).map { String(cString: $0) } ?? "\(result)"
      return .failure(TLSError("the name \(service.host) was not found: \(reason)"))
    }
    var addresses: [SocketAddress] = []
    var next = list
    while let entry = next?.pointee {
      if let address = socketAddress(entry), !addresses.contains(address) {
        addresses.append(address)
      }
      next = entry.ai_next
    }
    return .success(addresses)
  }

  private static func socketAddress(_ entry: addrinfo) -> SocketAddress? {
    guard let bytes = UnsafeRawPointer(entry.ai_addr) else { return nil }
    switch entry.ai_family {
    case AF_INET: return SocketAddress(bytes.loadUnaligned(as: sockaddr_in.self))
    case AF_INET6: return SocketAddress(bytes.loadUnaligned(as: sockaddr_in6.self))
    default: return nil
    }
  }
}
