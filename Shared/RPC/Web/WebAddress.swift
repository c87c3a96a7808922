import Crypto

/// Where a web server's resources begin: `https://host[:port][/path]`, or the same with `http` on a loopback address.
package struct WebAddress: Sendable, Hashable {
  let isSecure: Bool
  let service: ServiceAddress
  /// What paths are below; empty, or with a leading slash and without a trailing one.
  let path: String

  /// The host is a DNS name in ASCII or an IP address, in brackets if of version 6. There is no user, query or fragment.
  /// - Throws: `WebFailure.badAddress`.
  package init(_ text: String) throws(WebFailure) {
    let scheme = ["https", "http"].first { text.hasPrefix("\($0)://") }
    guard let scheme, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw .badAddress(text)
    }
    let rest = text.dropFirst(scheme.count + 3)
    let path = rest.drop { $0 != "/" }
    var authority = String(rest.prefix { $0 != "/" })
    isSecure = scheme == "https"
    if authority.hasSuffix("]") || !authority.contains(":") {
      authority += isSecure ? ":443" : ":80"
    }
    guard let service = ServiceAddress(authority), HostName.isValid(service.host),
      !path.contains(where: { "?#@\\".contains($0) })
    else { throw .badAddress(text) }
    self.service = service
    self.path = String(path.reversed().drop { $0 == "/" }.reversed())
    guard isSecure || isLoopback else { throw .badAddress(text) }
  }

  private var isLoopback: Bool {
    service.host == "localhost" || service.host == "::1"
      || service.numericAddress != nil && service.host.hasPrefix("127.")
  }

  /// The value of the header field `host` (RFC 9110, 7.2).
  var hostField: String {
    let port = isSecure ? ":443" : ":80"
    let authority = service.authority
    return authority.hasSuffix(port) ? String(authority.dropLast(port.count)) : authority
  }
}

extension WebAddress: CustomStringConvertible {
  package var description: String { "\(isSecure ? "https" : "http")://\(hostField)\(path)" }
}
