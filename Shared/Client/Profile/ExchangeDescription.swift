/// What a party must know of an exchange before it takes part; operators publish it.
package struct ExchangeDescription: Sendable, Hashable, Codable {
  /// Where each part of the exchange answers, as HOST:PORT.
  package struct Endpoints: Sendable, Hashable, Codable {
    package var identity: String
    /// Identity's listener for those who have no certificate yet.
    package var enrolment: String
    package var catalog: String
    package var settlement: String
    package var audit: String
    /// Where anyone reads the audit log over HTTPS; nil in descriptions from before it could be read so.
    package var publicLog: String?

    package init(
      identity: String, enrolment: String, catalog: String, settlement: String, audit: String,
      publicLog: String? = nil
    ) {
      self.identity = identity
      self.enrolment = enrolment
      self.catalog = catalog
      self.settlement = settlement
      self.audit = audit
      self.publicLog = publicLog
    }

    /// The endpoint of a service by its name; nil for a name that is none.
    package subscript(service: String) -> String? {
      switch service {
      case "identity": identity
      case "catalog": catalog
      case "settlement": settlement
      case "audit": audit
      default: nil
      }
    }
  }

  /// The authority part of SPIFFE ids.
  package var trustDomain: String
  /// SHA-256 of the root certificate in DER, in hexadecimal. Whoever enrols compares it with what
  /// they were told by other means.
  package var fingerprint: String
  package var endpoints: Endpoints

  package init(trustDomain: String, fingerprint: String, endpoints: Endpoints) {
    self.trustDomain = trustDomain
    self.fingerprint = fingerprint
    self.endpoints = endpoints
  }

  /// Reads `exchange.json`. Throws when it is missing or malformed.
  package static func load(_ path: String) throws -> Self {
    guard let value = try ProtoJSON.decode(Self.self, fromFile: path) else {
      throw ClientError.fileFailure(path: path, reason: "no such file")
    }
    return value
  }

  package func save(_ path: String) throws {
    try LocalFile.write(try ProtoJSON.text(of: self) + "\n", to: path)
  }
}
