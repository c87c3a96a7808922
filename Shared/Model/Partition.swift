extension IdentityV1.PartitionScope {
  /// The highest slot.
  package static let lastSlot: Int32 = 4_095

  /// The number that the last three hexadecimal digits of an id make: random in a UUIDv7, whose first digits are time,
  /// so that participants spread evenly, and plain to see.
  package static func slot(of participant: ParticipantID) -> Int32 {
    Int32(participant.low & 0xfff)
  }

  /// `VND/live` for every payer, `VND/live/000-7ff` for those of a range of slots; nil for anything else.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count), Currency(parts[0]) != nil,
      let environment = ["live": TypeV1.Environment.live, "sandbox": .sandbox][String(parts[1])]
    else { return nil }
    var range: [Int32] = [0, Self.lastSlot]
    if parts.count == 3 {
      let ends = parts[2].split(separator: "-", omittingEmptySubsequences: false)
      range = ends.compactMap { $0.count == 3 ? Int32($0, radix: 16) : nil }
      guard ends.count == 2, range.count == 2, range[0] >= 0, range[0] <= range[1] else {
        return nil
      }
    }
    self.init(
      currencyCode: String(parts[0]), environment: environment, firstSlot: range[0],
      lastSlot: range[1])
  }

  /// As `init(_:)` reads it.
  package var text: String {
    let place = "\(currencyCode)/\(environment == .live ? "live" : "sandbox")"
    guard firstSlot > 0 || lastSlot < Self.lastSlot else { return place }
    func digits(_ slot: Int32) -> String { String(String(slot + 0x1000, radix: 16).dropFirst()) }
    return "\(place)/\(digits(firstSlot))-\(digits(lastSlot))"
  }

  /// - Parameter payer: nil for the exchange's own money, of which each partition has a part.
  package func contains(
    _ currency: Currency, _ environment: TypeV1.Environment, _ payer: ParticipantID?
  ) -> Bool {
    guard currencyCode == currency.code, self.environment == environment else { return false }
    guard let payer else { return true }
    return (firstSlot...max(firstSlot, lastSlot)).contains(Self.slot(of: payer))
  }
}

extension IdentityV1.Partition {
  /// `p1:VND/live/000-7ff,USD/live`: a name of letters, digits, `-` and `_`, and what it owns; nil for anything else.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, Self.isName(parts[0]) else { return nil }
    let texts = parts[1].split(separator: ",", omittingEmptySubsequences: false)
    let scopes = texts.compactMap { IdentityV1.PartitionScope($0) }
    guard scopes.count == texts.count else { return nil }
    self.init(name: String(parts[0]), scopes: scopes)
  }

  /// As `init(_:)` reads it, without addresses.
  package var text: String { "\(name):\(scopes.map(\.text).joined(separator: ","))" }

  /// It becomes a part of the producer's name in the audit log.
  package static func isName(_ name: some StringProtocol) -> Bool {
    (1...32).contains(name.utf8.count)
      && name.unicodeScalars.allSatisfy { scalar in
        scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
          || scalar == "-" || scalar == "_"
      }
  }

  /// Whether it is the place of money of this kind, and of this payer's.
  package func owns(
    _ currency: Currency, _ environment: TypeV1.Environment, _ payer: ParticipantID?
  ) -> Bool {
    scopes.contains { $0.contains(currency, environment, payer) }
  }
}

extension IdentityV1.RoutingTable {
  /// What a free order counts as, so that it too has one owner.
  package static let currencyOfFreeOrders = Currency.vnd

  /// The partition where a payer's money, and orders paid with it, are; nil when nobody owns them, or there are no
  /// partitions.
  package func owner(
    _ currency: Currency, _ environment: TypeV1.Environment, _ payer: ParticipantID
  ) -> IdentityV1.Partition? {
    partitions.first { $0.owns(currency, environment, payer) }
  }

  package func partition(named name: String) -> IdentityV1.Partition? {
    partitions.first { $0.name == name }
  }
}
