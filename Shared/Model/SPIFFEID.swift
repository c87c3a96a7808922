/// The name in a certificate of the exchange: `spiffe://<trust domain>/service/<name>` or
/// `spiffe://<trust domain>/participant/<id>/system/<id>`.
package struct SPIFFEID: Sendable, Hashable, CustomStringConvertible {
  package enum Name: Sendable, Hashable {
    case service(String)
    case participant(ParticipantID, SystemID)
  }

  package let trustDomain: String
  package let name: Name

  package init(trustDomain: String, name: Name) {
    self.trustDomain = trustDomain
    self.name = name
  }

  /// Accepts exactly the two forms above; nil for anything else.
  package init?(_ text: some StringProtocol) {
    let scheme = "spiffe://"
    guard text.hasPrefix(scheme) else { return nil }
    let parts = text.dropFirst(scheme.count).split(separator: "/", omittingEmptySubsequences: false)
    guard let domain = parts.first, !domain.isEmpty else { return nil }
    switch (parts.count, parts.dropFirst().first) {
    case (3, "service"):
      guard !parts[2].isEmpty else { return nil }
      self.init(trustDomain: String(domain), name: .service(String(parts[2])))
    case (5, "participant"):
      guard let participant = ParticipantID(parts[2]), parts[3] == "system",
        let system = SystemID(parts[4])
      else { return nil }
      self.init(trustDomain: String(domain), name: .participant(participant, system))
    default: return nil
    }
  }

  package var description: String {
    switch name {
    case .service(let service): "spiffe://\(trustDomain)/service/\(service)"
    case .participant(let participant, let system):
      Self.prefix(of: participant, trustDomain: trustDomain) + "system/\(system)"
    }
  }

  /// What the names of all systems of a participant start with.
  package static func prefix(of participant: ParticipantID, trustDomain: String) -> String {
    "spiffe://\(trustDomain)/participant/\(participant)/"
  }
}
