package import Crypto
import Foundation
import IdentityDomain
import IdentityStore
import Model
import RPC
package import ServiceRuntime

/// Makes a new exchange out of nothing, or fresh enrolment tokens for one that is there.
package struct Bootstrap: Sendable {
  /// The services that enrol, beside identity itself.
  static let services = ["audit", "catalog", "settlement"]
  /// The first members of staff and what they may do.
  static let staff: [(name: String, vi: String, en: String, role: TypeV1.Role)] = [
    ("registrar-1", "Cán bộ đăng ký 1", "Registrar 1", .registrar),
    ("registrar-2", "Cán bộ đăng ký 2", "Registrar 2", .registrar),
    ("reviewer", "Cán bộ thẩm định", "Compliance reviewer", .complianceReviewer),
    ("clearing-officer", "Cán bộ thanh toán", "Clearing officer", .clearingOfficer),
    ("clearing-officer-2", "Cán bộ thanh toán 2", "Clearing officer 2", .clearingOfficer),
    ("arbiter", "Trọng tài viên", "Arbiter", .arbiter),
    ("security-officer", "Cán bộ an ninh", "Security officer", .securityOfficer),
    ("auditor", "Kiểm toán viên", "Auditor", .auditor),
  ]

  let directory: String
  let trustDomain: String
  let key: DatabaseKey
  let transactor: Transactor
  let instances: [String]

  /// - Parameter instances: names of further instances of settlement, each to be given a token of its own.
  package init(
    directory: String, trustDomain: String, key: DatabaseKey, transactor: Transactor,
    instances: [String] = []
  ) {
    self.directory = directory
    self.trustDomain = trustDomain
    self.key = key
    self.transactor = transactor
    self.instances = instances
  }

  /// Returns the paths of what it wrote and the root's fingerprint.
  package func run() async throws -> JSON {
    try Folder.make(directory)
    let roots = try await authorities().roots
    guard let root = roots.first else { throw StartupError(.missingInput, "there is no root") }
    let trust = roots.map(\.pem).joined()
    try PublicFile.write(trust, to: directory + "/trust.pem")
    try PublicFile.write(root.fingerprint.hex + "\n", to: directory + "/ca-fingerprint")
    var services: [String: JSON] = [:]
    let places =
      Self.services.map { (service: $0, host: $0) }
      + instances.map { (service: "settlement", host: "settlement-\($0)") }
    for (service, host) in places {
      let holder = try CredentialHolder(
        name: .service(service), systemName: service,
        hosts: [host, "localhost", "127.0.0.1", "::1"])
      let folder = "\(directory)/services/\(host)"
      services[host] = .string(try await token(in: folder, "enrolment") { _ in holder })
      try PublicFile.write(trust, to: folder + "/trust.pem")
    }
    var staff: [String: JSON] = [:]
    for member in Self.staff {
      staff[member.name] = .string(
        try await token(in: directory + "/staff", member.name) { transaction in
          let participant = try enlist(member, transaction)
          let system = try SystemTable.findOrMake(
            "console", of: participant.id, at: transaction.now, transaction.db)
          return try CredentialHolder(
            name: .participant(participant.id, system), systemName: "console", hosts: [])
        })
    }
    return .object([
      "ca_fingerprint": .string(root.fingerprint.hex),
      "trust_bundle": .string(directory + "/trust.pem"), "services": .object(services),
      "staff": .object(staff),
    ])
  }

  /// The authorities, made when there are none that count. The root is needed for that alone.
  private func authorities() async throws -> Authorities {
    func load() async throws -> Authorities {
      let now = transactor.clock.now()
      return try await transactor.database.read { try Authorities.load($0, key: key, at: now) }
    }
    let stored = try await load()
    guard IssuerSchedule.needsIssuer(stored.schedule, at: transactor.clock.now()) else {
      return stored
    }
    let folder = directory + "/root"
    let root: RootAuthority
    if RootAuthority.exists(in: folder) {
      root = try RootAuthority(directory: folder)
    } else if stored.roots.isEmpty {
      root = try RootAuthority.make(
        in: folder, trustDomain: trustDomain, at: transactor.clock.now())
    } else if stored.issuers.isEmpty {
      throw StartupError(.missingInput, "the issuing authority has ended and \(folder) is offline")
    } else {
      return stored
    }
    _ = try await IssuerMaker(transactor: transactor, key: key, trustDomain: trustDomain)
      .make(under: root)
    return try await load()
  }

  /// Writes a fresh token for whom `holder` names and returns the path of its file.
  private func token(
    in folder: String, _ name: String,
    _ holder: @escaping @Sendable (Transaction) throws -> CredentialHolder
  ) async throws -> String {
    let secret = try await transactor.write(
      CallContext.own(service: "identity", work: "Bootstrap")
    ) { transaction in
      let holder = try holder(transaction)
      let issued = EnrolmentToken.issue(for: holder, at: transaction.now)
      try EnrolmentTokenTable.insert(issued.token, transaction.db)
      let subject =
        holder.participantID.map { "participant/\($0)" } ?? "service/\(holder.systemName)"
      try transaction.emit(
        AuditEvent(
          kind: "enrolment_token.created", subjects: [subject],
          payload: ["token_id": issued.token.id.description]))
      return issued.secret
    }
    try Folder.make(folder)
    let path = "\(folder)/\(name).token"
    do {
      try KeyFile.write(secret + "\n", to: path)
    } catch {
      throw StartupError(.cannotWrite, "\(error)")
    }
    return path
  }

  /// The member of staff, admitted by the operator's own hand when not there yet.
  private func enlist(
    _ member: (name: String, vi: String, en: String, role: TypeV1.Role), _ transaction: Transaction
  ) throws -> Participant {
    let legalID = "ndx-staff:\(member.name)"
    if let known = try ParticipantTable.find(
      legalID: legalID, environment: .live, transaction.db)
    {
      return known
    }
    let participant = Participant(
      id: .make(at: transaction.now), kind: .operator, environment: .live,
      name: TypeV1.LocalizedText(vi: member.vi, en: member.en), legalID: legalID,
      jurisdiction: "VN", roles: [member.role], state: .active, createTime: transaction.now,
      updateTime: transaction.now)
    try ParticipantTable.insert(participant, transaction.db)
    try transaction.emit(
      AuditEvent(
        kind: "participant.enlisted", subjects: ["participant/\(participant.id)"],
        payload: ["name": member.name, "role": member.role.protoName ?? ""]))
    return participant
  }
}
