/// A service's settings, read and checked once at start.
package struct ServiceConfiguration: Sendable {
  package let service: String
  package let listen: HostPort
  /// Nil where the service has no listener for callers without a certificate.
  package let enrolmentListen: HostPort?
  /// Folder of the database, key and certificate; only the owner may read it.
  package let dataDirectory: String
  /// The authority part of SPIFFE ids: "ndx.local".
  package let trustDomain: String
  private let values: [String: String]

  /// The value of a setting; nil when it has neither value nor default.
  package func string(_ name: String) -> String? { values[name] }

  /// As `string`. Throws when there is none.
  package func required(_ name: String) throws(StartupError) -> String {
    guard let value = values[name] else {
      throw StartupError(.configuration, "\(name) is not configured")
    }
    return value
  }

  /// A whole number. Throws when there is none, it is not one, or it lies outside `range`.
  package func integer(_ name: String, in range: ClosedRange<Int>) throws(StartupError) -> Int {
    let text = try required(name)
    guard let value = Int(text), range.contains(value) else {
      throw StartupError(
        .configuration,
        "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound), not \(text)"
      )
    }
    return value
  }

  /// Where another service of the exchange answers.
  package func address(of service: String) -> HostPort {
    values["\(service)-address"].flatMap(HostPort.init) ?? HostPort(host: "127.0.0.1", port: 0)
  }

  /// The path of a file in the data directory.
  package func path(_ file: String) -> String { dataDirectory + "/" + file }
}

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
}
