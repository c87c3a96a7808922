package import Model

/// The names that the exchange puts into certificates:
/// `spiffe://<trust-domain>/participant/<id>/system/<id>` and `spiffe://<trust-domain>/service/<name>`.
package enum SPIFFEID: Sendable, Hashable, CustomStringConvertible {
  case participant(trustDomain: String, ParticipantID, SystemID)
  case service(trustDomain: String, name: String)

  /// Nil for anything but the two canonical forms.
  package init?(_ text: String) {
    guard text.hasPrefix("spiffe://") else { return nil }
    let parts = text.dropFirst("spiffe://".count)
      .split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard let domain = parts.first, !domain.isEmpty else { return nil }
    if parts.count == 5, parts[1] == "participant", parts[3] == "system",
      let participant = ParticipantID(parts[2]), let system = SystemID(parts[4])
    {
      self = .participant(trustDomain: domain, participant, system)
    } else if parts.count == 3, parts[1] == "service", !parts[2].isEmpty {
      self = .service(trustDomain: domain, name: parts[2])
    } else {
      return nil
    }
  }

  package var trustDomain: String {
    switch self {
    case .participant(let domain, _, _), .service(let domain, _): domain
    }
  }

  package var description: String {
    switch self {
    case .participant(let domain, let participant, let system):
      "spiffe://\(domain)/participant/\(participant)/system/\(system)"
    case .service(let domain, let name): "spiffe://\(domain)/service/\(name)"
    }
  }
}
