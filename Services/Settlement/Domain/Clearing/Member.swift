package import Model

/// A participant that settles net with one account, and the bank account it pays from and is paid to.
package struct ClearingMember: Sendable, Hashable {
  package let participantID: ParticipantID
  package let accountID: AccountID
  package let currency: Currency
  package let environment: TypeV1.Environment
  package let name: String
  package let bankBIC: String
  package let bankAccount: String
  package let createTime: Timestamp

  package init(
    participantID: ParticipantID, accountID: AccountID, currency: Currency,
    environment: TypeV1.Environment, name: String, bankBIC: String, bankAccount: String,
    createTime: Timestamp
  ) {
    self.participantID = participantID
    self.accountID = accountID
    self.currency = currency
    self.environment = environment
    self.name = name
    self.bankBIC = bankBIC
    self.bankAccount = bankAccount
    self.createTime = createTime
  }

  /// ISO 9362: four letters or digits of the party, two letters of the country, two of the place, and
  /// three or none of the branch (`BICFIDec2014Identifier` of ISO 20022).
  package static func isBIC(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count == 8 || bytes.count == 11 else { return false }
    return bytes.enumerated().allSatisfy { position, byte in
      let isLetter = (0x41...0x5a).contains(byte)
      return isLetter || (!(4...5).contains(position) && (0x30...0x39).contains(byte))
    }
  }
}
