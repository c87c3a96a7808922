package import Crypto
package import Model
package import RPC

/// A folder that holds what one system of a participant needs to act: `profile.json` (who and
/// where), `key.pem` (0600), `certificate.pem` (leaf first, without the root) and `trust.pem` (roots).
package struct Profile: Sendable {
  /// The content of `profile.json`.
  package struct Details: Sendable, Hashable, Codable {
    package var participantID: ParticipantID
    package var systemID: SystemID
    package var exchange: ExchangeDescription

    package init(
      participantID: ParticipantID, systemID: SystemID, exchange: ExchangeDescription
    ) {
      self.participantID = participantID
      self.systemID = systemID
      self.exchange = exchange
    }
  }

  package let directory: String
  package let details: Details
  package let key: P256PrivateKey
  /// The leaf and then its issuers, without the root.
  package let chain: [Certificate]
  package let anchors: [Certificate]

  package var participantID: ParticipantID { details.participantID }
  package var systemID: SystemID { details.systemID }
  package var exchange: ExchangeDescription { details.exchange }
  package var certificate: Certificate { chain[0] }

  /// Throws when the chain is empty or its leaf is not for the key.
  package init(
    directory: String, details: Details, key: P256PrivateKey, chain: [Certificate],
    anchors: [Certificate]
  ) throws {
    guard chain.first?.publicKey.p256 == key.publicKey else {
      throw ClientError.damagedFile(
        path: directory + "/certificate.pem", reason: "the certificate is not for the key")
    }
    self.directory = directory
    self.details = details
    self.key = key
    self.chain = chain
    self.anchors = anchors
  }

  /// Reads a profile. Throws `noProfile` when the folder holds none.
  package static func load(_ directory: String) throws -> Profile {
    guard
      let details = try ProtoJSON.decode(Details.self, fromFile: directory + "/profile.json")
    else { throw ClientError.noProfile(path: directory) }
    return try Profile(
      directory: directory, details: details,
      key: P256PrivateKey(pem: KeyFile.readText(directory + "/key.pem")),
      chain: parse(directory + "/certificate.pem") { try Certificate.all(inPEM: $0) },
      anchors: parse(directory + "/trust.pem") { try Certificate.all(inPEM: $0) })
  }

  private static func parse<Value>(_ path: String, _ body: (String) throws -> Value) throws -> Value
  {
    guard let bytes = try LocalFile.read(path) else {
      throw ClientError.fileFailure(path: path, reason: "no such file")
    }
    do {
      return try body(String(decoding: bytes, as: UTF8.self))
    } catch let error as CryptoError {
      throw ClientError.damagedFile(path: path, reason: "\(error)")
    }
  }

  /// Writes every file of the profile, the details last: a folder with them is complete.
  package func save() throws {
    try LocalFile.makeFolder(directory, isPrivate: true)
    try KeyFile.write(try key.pem(), to: directory + "/key.pem")
    try LocalFile.write(Self.pem(chain), to: directory + "/certificate.pem")
    try LocalFile.write(Self.pem(anchors), to: directory + "/trust.pem")
    try LocalFile.write(
      try ProtoJSON.text(of: details) + "\n", to: directory + "/profile.json")
  }

  /// The profile with a fresh certificate for the same key.
  func replacingChain(_ chain: [Certificate]) throws -> Profile {
    try Profile(directory: directory, details: details, key: key, chain: chain, anchors: anchors)
  }

  package func credentials() throws -> TLSCredentials {
    TLSCredentials(
      certificateChainPEM: Self.pem(chain), privateKeyPEM: try key.pem(),
      trustAnchorsPEM: Self.pem(anchors))
  }

  private static func pem(_ certificates: [Certificate]) -> String {
    certificates.map(\.pem).joined()
  }
}
