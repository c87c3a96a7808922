import Crypto
package import Model

/// Whom a certificate names and where it may serve. It comes from the enrolment token alone.
package struct CredentialHolder: Sendable, Hashable {
  /// Most hosts of one certificate.
  package static let maximumHosts = 16

  package let name: SPIFFEID.Name
  /// What people call the system; the name of the service for services.
  package let systemName: String
  /// DNS names and addresses.
  package let hosts: [String]

  /// Throws `hostNotValid` for a host that is neither a DNS name nor an address.
  package init(name: SPIFFEID.Name, systemName: String, hosts: [String]) throws(IdentityError) {
    for (index, host) in hosts.enumerated() where !HostName.isValid(host) {
      throw .hostNotValid(index: index)
    }
    self.name = name
    self.systemName = systemName
    self.hosts = hosts
  }

  package var participantID: ParticipantID? {
    guard case .participant(let id, _) = name else { return nil }
    return id
  }

  package var systemID: SystemID? {
    guard case .participant(_, let id) = name else { return nil }
    return id
  }

  /// The hosts as a JSON array, and back.
  package var hostsText: String { JSON.array(hosts.map(JSON.string)).text }

  package static func hosts(fromText text: String) throws -> [String] {
    (try JSON(parsing: text.utf8).array ?? []).compactMap(\.string)
  }
}
