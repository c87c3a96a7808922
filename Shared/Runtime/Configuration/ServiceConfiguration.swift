import Crypto
import TransparencyLog

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
  private let settings: [Setting]
  private let values: [String: ConfiguredValue]

  /// Throws when a value that every service needs is missing or malformed.
  init(
    service: String, settings: [Setting], values: [String: ConfiguredValue]
  ) throws(StartupError) {
    func address(_ name: String) throws(StartupError) -> HostPort? {
      guard let text = values[name]?.text else { return nil }
      guard let address = HostPort(text) else {
        throw StartupError(.configuration, "\(name) must be HOST:PORT, not \(text)")
      }
      return address
    }
    for setting in settings where setting.name.hasSuffix("-address") {
      _ = try address(setting.name)
    }
    guard let listen = try address("listen"), let folder = values["data-directory"]?.text,
      let trustDomain = values["trust-domain"]?.text, !folder.isEmpty, !trustDomain.isEmpty
    else {
      throw StartupError(
        .configuration, "listen, data-directory and trust-domain must not be empty")
    }
    self.service = service
    self.settings = settings
    self.values = values
    self.listen = listen
    enrolmentListen = try address("enrolment-listen")
    dataDirectory = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    self.trustDomain = trustDomain
  }

  /// The value of a setting; nil when it has neither value nor default.
  package func string(_ name: String) -> String? { values[name]?.text }

  /// As `string`. Throws when there is none.
  package func required(_ name: String) throws(StartupError) -> String {
    guard let value = string(name) else {
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

  /// Where another service of the exchange answers: its `<service>-address`.
  package func address(of service: String) throws(StartupError) -> HostPort {
    let text = try required("\(service)-address")
    guard let address = HostPort(text) else {
      throw StartupError(.configuration, "\(service)-address must be HOST:PORT, not \(text)")
    }
    return address
  }

  /// The lifetime to ask for certificates.
  func certificateSeconds() throws(StartupError) -> Int32 {
    Int32(try integer("certificate-seconds", in: 300...86_400))
  }

  /// The audit log's key; nil when it is to be learned from the log.
  func logVerifierKey() throws(StartupError) -> VerifierKey? {
    guard let text = string("log-verifier-key") else { return nil }
    guard let key = try? VerifierKey(text) else {
      throw StartupError(
        .configuration, "log-verifier-key must be a log's key, NAME+HASH+KEY, not \(text)")
    }
    return key
  }

  /// The path of a file in the data directory.
  package func path(_ file: String) -> String { dataDirectory + "/" + file }

  /// All settings with their values and where those came from, as JSON, secrets left out.
  package var printed: String {
    let lines = settings.map { setting in
      let value = values[setting.name]
      let text = value.map { setting.isSecret ? "<redacted>" : $0.text }
      return "  "
        + JSON.string(setting.name).text + ": "
        + JSON.object([
          "value": text.map(JSON.string) ?? .null,
          "source": value.map { .string($0.source) } ?? .null,
        ]).text
    }
    return "{\n" + lines.joined(separator: ",\n") + "\n}"
  }
}
