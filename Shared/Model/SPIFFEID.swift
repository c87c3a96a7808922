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

  /// Accepts exactly the two forms above, a service's name of the characters that a SPIFFE path may have; nil for
  /// anything else.
  package init?(_ text: some StringProtocol) {
    let scheme = "spiffe://"
    guard text.hasPrefix(scheme) else { return nil }
    let parts = text.dropFirst(scheme.count).split(separator: "/", omittingEmptySubsequences: false)
    guard let domain = parts.first, !domain.isEmpty else { return nil }
    switch (parts.count, parts.dropFirst().first) {
    case (3, "service"):
      let name = parts[2].utf8
      guard !name.isEmpty, name.allSatisfy(Self.isPathCharacter) else { return nil }
      self.init(trustDomain: String(domain), name: .service(String(parts[2])))
    case (5, "participant"):
      guard let participant = ParticipantID(parts[2]), parts[3] == "system",
        let system = SystemID(parts[4])
      else { return nil }
      self.init(trustDomain: String(domain), name: .participant(participant, system))
    default: return nil
    }
  }

  /// SPIFFE-ID, 2.2.
  private static func isPathCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"):
      true
    default: false
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
