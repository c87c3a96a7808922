/// `host:port`, where an IPv6 host stands in brackets.
struct ServiceAddress: Sendable, Hashable {
  let host: String
  let port: Int

  init?(_ text: String) {
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
  }

  /// As `init` takes it.
  var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// The host for TLS server name indication; nil for a numeric address (RFC 6066, 3).
  var serverName: String? {
    host.contains(":") || host.allSatisfy { $0.isNumber || $0 == "." } ? nil : host
  }
}
