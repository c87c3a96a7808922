import NIOCore

/// `host:port`, where an IPv6 host stands in brackets.
struct ServiceAddress: Sendable, Hashable {
  private static let maximumAddresses = 32

  let host: String
  let port: Int
  /// Nil for a name.
  let numericAddress: SocketAddress?

  init?(_ text: some StringProtocol) {
    guard let colon = text.lastIndex(of: ":"),
      let port = UInt16(text[text.index(after: colon)...]), port > 0
    else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty else { return nil }
    self.host = String(host)
    self.port = Int(port)
    numericAddress = try? SocketAddress(ipAddress: self.host, port: self.port)
  }

  /// The addresses of a target: one, or several with commas between them. Nil when one is malformed.
  static func list(_ target: String) -> [ServiceAddress]? {
    let items = target.split(separator: ",", omittingEmptySubsequences: false)
    guard items.count <= maximumAddresses else { return nil }
    var list: [ServiceAddress] = []
    for item in items {
      guard let address = ServiceAddress(item) else { return nil }
      if !list.contains(address) { list.append(address) }
    }
    return list
  }

  /// As `init` takes it.
  var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// The host for TLS server name indication; nil for a numeric address (RFC 6066, 3).
  var serverName: String? { numericAddress == nil ? host : nil }
}
