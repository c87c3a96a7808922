/// HOST:PORT, where an IPv6 host stands in brackets and port 0 lets the system choose.
package struct HostPort: Sendable, Hashable, CustomStringConvertible {
  package let host: String
  package let port: Int

  package init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  package init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...])
    else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty else { return nil }
    self.init(host: String(host), port: Int(port))
  }

  package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// Where a process of this machine reaches what listens here.
  package var fromThisMachine: HostPort {
    switch host {
    case "0.0.0.0": HostPort(host: "127.0.0.1", port: port)
    case "::": HostPort(host: "::1", port: port)
    default: self
    }
  }
}
