import GRDB
import IdentityDomain
import Model
import ServiceRuntime

/// The columns that say whom a token or certificate is for: a participant's system, or a service.
enum StoredHolder {
  static let columns = """
      participant_id BLOB REFERENCES participant (id),
      system_id BLOB REFERENCES system (id),
      service TEXT CHECK (length(service) BETWEEN 1 AND 64),
      system_name TEXT NOT NULL CHECK (length(system_name) BETWEEN 1 AND 64),
      hosts TEXT NOT NULL CHECK (json_valid(hosts)),
      CHECK ((participant_id IS NULL) = (system_id IS NULL)),
      CHECK ((participant_id IS NULL) <> (service IS NULL))
    """
  static let names = "participant_id, system_id, service, system_name, hosts"

  static func values(_ holder: CredentialHolder) -> [(any DatabaseValueConvertible)?] {
    switch holder.name {
    case .participant(let participant, let system):
      [participant, system, nil, holder.systemName, holder.hostsText]
    case .service(let name): [nil, nil, name, holder.systemName, holder.hostsText]
    }
  }

  static func holder(_ row: Row) throws -> CredentialHolder {
    let name: SPIFFEID.Name
    if let participant: ParticipantID = row["participant_id"],
      let system: SystemID = row["system_id"]
    {
      name = .participant(participant, system)
    } else {
      name = .service(row["service"])
    }
    return try CredentialHolder(
      name: name, systemName: row["system_name"],
      hosts: CredentialHolder.hosts(fromText: row["hosts"]))
  }
}
